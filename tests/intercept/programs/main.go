// A program that names the host itself: go run main.go [HOST]. It prints the status of a task.
package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// signed returns the query of a call, signed as the legacy SDKs sign (HMAC-SHA1).
func signed(parameters url.Values) string {
	nonce := make([]byte, 16)
	rand.Read(nonce)
	for name, value := range map[string]string{
		"Version": "2018-12-03", "Format": "JSON", "AccessKeyId": "test", "SignatureMethod": "HMAC-SHA1",
		"SignatureVersion": "1.0", "SignatureNonce": hex.EncodeToString(nonce),
		"Timestamp": time.Now().UTC().Format("2006-01-02T15:04:05Z"),
	} {
		parameters.Set(name, value)
	}
	query := strings.ReplaceAll(parameters.Encode(), "+", "%20")
	mac := hmac.New(sha1.New, []byte("test&"))
	mac.Write([]byte("GET&%2F&" + url.QueryEscape(query)))
	return query + "&Signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

func main() {
	host := "sas.cn-shanghai.aliyuncs.com"
	if len(os.Args) > 1 {
		host = os.Args[1]
	}
	query := signed(url.Values{"Action": {"GetLastOnceTaskInfo"}, "TaskType": {"IMAGE_SCAN"}, "TaskName": {"IMAGE_SCAN"}})
	answer, err := http.Get("https://" + host + "/?" + query)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var body struct{ TaskInfo struct{ Status string } }
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(body.TaskInfo.Status)
}
