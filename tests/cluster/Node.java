import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.opensearch.Version;
import org.opensearch.cluster.service.ClusterService;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.plugins.PluginInfo;

/**
 * Starts one OpenSearch node from jars: java -cp 'lib/*' Node.java HOME KEY=VALUE...
 *
 * The node stops when standard input ends, so it never outlives the process that started it.
 */
public class Node extends org.opensearch.node.Node {
    private static final String MODULE = Version.CURRENT.major < 3 ? "Plugin" : "ModulePlugin";
    private static final List<String> MODULES =
        List.of("org.opensearch.transport.Netty4" + MODULE, "org.opensearch.analysis.common.CommonAnalysis" + MODULE);

    @SuppressWarnings({"unchecked", "rawtypes"}) // OpenSearch 2 takes classes, OpenSearch 3 descriptions of them
    private Node(Environment environment, Collection modules) {
        super(environment, modules, true);
    }

    @Override
    protected void configureNodeAndClusterIdStateListener(ClusterService service) {
        // It sets a static value for the log, which a node of a test does not need.
    }

    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]).toAbsolutePath();
        for (String folder : List.of("config", "data", "logs", "modules", "plugins")) {
            Files.createDirectories(home.resolve(folder));
        }
        Settings.Builder settings = Settings.builder()
            .put("path.home", home.toString())
            .put("path.data", home.resolve("data").toString())
            .put("path.logs", home.resolve("logs").toString());
        for (String argument : List.of(arguments).subList(1, arguments.length)) {
            String[] setting = argument.split("=", 2);
            if (setting[1].contains(",")) {
                settings.putList(setting[0], setting[1].split(","));
            } else {
                settings.put(setting[0], setting[1]);
            }
        }
        Settings given = settings.build();
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            given, Map.of(), home.resolve("config"), () -> given.get("node.name"));
        Node node = new Node(environment, modules());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
        node.start();
        while (System.in.read() >= 0) {
            // Wait for the end of the input.
        }
        System.exit(0);
    }

    private static List<Object> modules() throws ClassNotFoundException {
        List<Object> modules = new ArrayList<>();
        for (String name : MODULES) {
            Class<?> module = Class.forName(name);
            String java = Integer.toString(Runtime.version().feature());
            modules.add(Version.CURRENT.major < 3
                ? module
                : new PluginInfo(name, "", "", Version.CURRENT, java, name, List.of(), false));
        }
        return modules;
    }

    private static void close(Node node) {
        try {
            node.close();
            node.awaitClose(10, TimeUnit.SECONDS);
        } catch (Exception error) {
            error.printStackTrace();
        }
    }
}
