CREATE FUNCTION row_checksum(written TEXT) RETURNS BIGINT LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN ('x' || left(encode(sha256(convert_to(written, 'UTF8')), 'hex'), 8))::bit(32)::bigint;
END $$;
CREATE FUNCTION json_each(written TEXT) RETURNS TABLE (value TEXT) LANGUAGE sql IMMUTABLE AS $$
    SELECT value COLLATE "C" FROM json_array_elements_text(written::json) AS found (value)
$$;
CREATE FUNCTION min(a DOUBLE PRECISION, b DOUBLE PRECISION) RETURNS DOUBLE PRECISION LANGUAGE sql IMMUTABLE
    AS 'SELECT least(a, b)';
CREATE FUNCTION max(a DOUBLE PRECISION, b DOUBLE PRECISION) RETURNS DOUBLE PRECISION LANGUAGE sql IMMUTABLE
    AS 'SELECT greatest(a, b)';
