// Over verified TLS: the SDK trusts `ca` of its configuration, or the trust store of the JVM (docs/tls.md).
package sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.aliyun.teaopenapi.Client;
import com.aliyun.teaopenapi.models.Config;
import com.aliyun.teaopenapi.models.OpenApiRequest;
import com.aliyun.teaopenapi.models.Params;
import com.aliyun.teautil.models.RuntimeOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
    @TempDir
    Path folder;

    /** Starts an emulator that speaks TLS, and calls `use` with its host and the authority to trust, in PEM. */
    private void securely(String scenario, Use use) throws Exception {
        Path file = folder.resolve("ca.pem");
        List<String> flags = List.of("--scenario", scenario, "--tls", "auto", "--tls-ca-out", file.toString());
        Emulator.serving(flags, emulator -> use.of(emulator.host, Files.readString(file)));
    }

    private interface Use {
        void of(String host, String ca) throws Exception;
    }

    @SuppressWarnings("unchecked")
    private static String poll(String host, String ca) throws Exception {
        Config config = new Config()
                .setAccessKeyId("test")
                .setAccessKeySecret("test")
                .setEndpoint(host)
                .setProtocol("https")
                .setCa(ca);
        Params operation = new Params()
                .setAction("GetLastOnceTaskInfo")
                .setVersion("2018-12-03")
                .setProtocol("HTTPS")
                .setPathname("/")
                .setMethod("POST")
                .setAuthType("AK")
                .setStyle("RPC")
                .setReqBodyType("formData")
                .setBodyType("json");
        Map<String, String> type = Map.of("TaskType", "ASSETS_COLLECTION", "TaskName", "ASSETS_COLLECTION");
        OpenApiRequest request = new OpenApiRequest().setQuery(type);
        Map<String, ?> answer = new Client(config).callApi(operation, request, new RuntimeOptions());
        Map<String, Object> body = (Map<String, Object>) answer.get("body");
        return (String) ((Map<String, Object>) body.get("TaskInfo")).get("Status");
    }

    private static List<String> watch(String host, String ca) throws Exception {
        List<String> statuses = new ArrayList<>();
        do {
            assertTrue(statuses.size() < 10, "no end in sight");
            statuses.add(poll(host, ca));
        } while (!statuses.get(statuses.size() - 1).equals("SUCCESS"));
        return statuses.stream().distinct().toList();
    }

    @Test
    void aScanIsWatchedToItsEnd() throws Exception {
        securely("scan.yaml", (host, ca) -> assertEquals(List.of("INIT", "START", "SUCCESS"), watch(host, ca)));
    }

    @Test
    void whoDoesNotTrustItDoesNotCall() throws Exception {
        securely("scan.yaml", (host, ca) -> {
            Exception error = assertThrows(Exception.class, () -> poll(host, null));
            assertTrue(error.toString().contains("unable to find valid certification path"), error::toString);
        });
    }

    @Test
    void theTrustStoreOfTheMachineSaysItToo() throws Exception {
        securely("scan.yaml", (host, ca) -> {
            Path store = trustStore();
            System.setProperty("javax.net.ssl.trustStore", store.toString());
            System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
            try {
                assertEquals(List.of("INIT", "START", "SUCCESS"), watch(host, null));
            } finally {
                System.clearProperty("javax.net.ssl.trustStore");
                System.clearProperty("javax.net.ssl.trustStorePassword");
            }
        });
    }

    @Test
    void badCertificatesAreRefusedOnce() throws Exception {
        for (Map.Entry<String, String> bad :
                Map.of("expired", "validity check failed", "wrong_name", "No subject alternative names matching|not verified")
                        .entrySet()) {
            Path scenario = Files.writeString(
                    folder.resolve(bad.getKey() + ".yaml"),
                    "version: 1\nname: bad\nstart_on_first_poll: ['*']\n"
                            + "faults: [{ trigger: { calls: 1 }, effect: { tls: " + bad.getKey() + " } }]\n");
            securely(scenario.toString(), (host, ca) -> {
                Exception error = assertThrows(Exception.class, () -> poll(host, ca));
                assertTrue(error.toString().matches("(?s).*(" + bad.getValue() + ").*"), error::toString);
                assertEquals("INIT", poll(host, ca));
            });
        }
    }

    /** Made as docs/tls.md says. */
    private Path trustStore() throws Exception {
        String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        List<String> command = List.of(keytool, "-importcert", "-noprompt", "-alias", "sas", "-file", "ca.pem",
                "-storepass", "changeit", "-keystore", "trust.p12");
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), said);
        return folder.resolve("trust.p12");
    }
}
