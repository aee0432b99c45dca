// Over TLS, verifying: whom the SDK trusts is `ca` of its configuration, or the trust store of the JVM (docs/tls.md).
package sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.aliyun.teaopenapi.Client;
import com.aliyun.teaopenapi.models.Config;
import com.aliyun.teaopenapi.models.OpenApiRequest;
import com.aliyun.teaopenapi.models.Params;
import com.aliyun.teautil.models.RuntimeOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
    @TempDir
    Path folder;

    /** Starts an emulator that speaks TLS, and calls `use` with its host and whom to trust, in PEM. */
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
            Path store = trustStore(ca);
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

    /** What `keytool -importcert` makes. */
    private Path trustStore(String ca) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry(
                "sas-emulator",
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(ca.getBytes())));
        Path file = folder.resolve("trust.p12");
        try (OutputStream output = Files.newOutputStream(file)) {
            store.store(output, "changeit".toCharArray());
        } catch (IOException failure) {
            throw new IllegalStateException(failure);
        }
        return file;
    }
}
