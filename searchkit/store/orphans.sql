-- Rows of a store that refer to missing rows: what is wrong with them, and the statement that finds them. Its
-- first column names the row.

-- holds facts of a missing document
SELECT DISTINCT document FROM facts WHERE document IS NOT NULL AND document NOT IN (SELECT id FROM documents);

-- holds a document without facts
SELECT DISTINCT id FROM documents WHERE id IS NOT NULL AND id NOT IN (SELECT document FROM facts);

-- holds revisions of a missing document
SELECT DISTINCT document FROM revisions WHERE document IS NOT NULL AND document NOT IN (SELECT id FROM documents);

-- holds an address of a missing document
SELECT DISTINCT uri FROM resources WHERE document IS NOT NULL AND document NOT IN (SELECT id FROM documents);

-- holds a document whose sketch is missing
SELECT DISTINCT document FROM facts WHERE sketch IS NOT NULL AND sketch NOT IN (SELECT id FROM sketches);

-- holds a sketch without a document
SELECT DISTINCT id FROM sketches WHERE id IS NOT NULL AND id NOT IN (SELECT sketch FROM facts WHERE sketch IS NOT NULL);

-- holds hashes of a missing sketch
SELECT DISTINCT sketch FROM sketch_hashes WHERE sketch IS NOT NULL AND sketch NOT IN (SELECT id FROM sketches);

-- holds a record found by a missing run of alerts
SELECT DISTINCT record FROM alert_records WHERE nullif(run, 0) IS NOT NULL AND nullif(run, 0)
    NOT IN (SELECT id FROM alert_runs);

-- holds a document whose state is not in the change log
SELECT id FROM documents WHERE NOT EXISTS (SELECT 1 FROM changes
    WHERE changes.sequence = documents.sequence AND document = id AND kind = 'put');

-- holds a document that the change log says was removed
SELECT document FROM changes WHERE sequence IN (SELECT max(sequence) FROM changes GROUP BY document)
    AND kind = 'delete' AND document IN (SELECT id FROM documents);

-- holds a change of a missing document
SELECT document FROM changes WHERE sequence IN (SELECT max(sequence) FROM changes GROUP BY document)
    AND kind = 'put' AND document NOT IN (SELECT id FROM documents);

-- holds half of a pair of near-duplicates
SELECT sketch FROM sketch_pairs WHERE (other, sketch)
    NOT IN (SELECT sketch, other FROM sketch_pairs) OR sketch NOT IN (SELECT id FROM sketches);

-- holds a duplicate group without its first document
SELECT DISTINCT copies FROM facts WHERE copies <> '' AND (copies, copies) NOT IN (SELECT document, copies FROM facts);

-- holds a delivery of a record that no alert has found
SELECT record FROM alert_deliveries WHERE (alert, record, change)
    NOT IN (SELECT alert, record, change FROM alert_records);
