// A program that names the host itself: java Program.java [HOST]. It prints the status of a task.

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Program {
    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A").replace("%7E", "~");
    }

    /** The query of a call, signed as the legacy SDKs sign (HMAC-SHA1). */
    static String signed(Map<String, String> parameters) throws Exception {
        Map<String, String> all = new TreeMap<>(parameters);
        all.putAll(Map.of("Version", "2018-12-03", "Format", "JSON", "AccessKeyId", "test", "SignatureMethod", "HMAC-SHA1",
            "SignatureVersion", "1.0", "SignatureNonce", UUID.randomUUID().toString(),
            "Timestamp", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString()));
        String query = all.entrySet().stream().map(pair -> encode(pair.getKey()) + "=" + encode(pair.getValue()))
            .collect(Collectors.joining("&"));
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec("test&".getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
        byte[] digest = mac.doFinal(("GET&%2F&" + encode(query)).getBytes(StandardCharsets.UTF_8));
        return query + "&Signature=" + encode(Base64.getEncoder().encodeToString(digest));
    }

    public static void main(String[] arguments) throws Exception {
        String host = arguments.length > 0 ? arguments[0] : "sas.cn-shanghai.aliyuncs.com";
        String query = signed(Map.of("Action", "GetLastOnceTaskInfo", "TaskType", "IMAGE_SCAN", "TaskName", "IMAGE_SCAN"));
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://" + host + "/?" + query)).build();
        String answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
        System.out.println(answer.replaceAll(".*\"Status\":\"([A-Z]+)\".*", "$1"));
    }
}
