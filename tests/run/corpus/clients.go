// Clients in Go, by name: clients NAME. Standard library only.
package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	mathrand "math/rand"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

// signed returns the query of a call, signed as the legacy SDKs sign (HMAC-SHA1).
func signed(parameters url.Values) string {
	nonce := make([]byte, 16)
	rand.Read(nonce)
	for name, value := range map[string]string{
		"Version": "2018-12-03", "Format": "JSON", "AccessKeyId": os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_ID"),
		"SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0", "SignatureNonce": hex.EncodeToString(nonce),
		"Timestamp": time.Now().UTC().Format("2006-01-02T15:04:05Z"),
	} {
		parameters.Set(name, value)
	}
	query := strings.ReplaceAll(parameters.Encode(), "+", "%20")
	mac := hmac.New(sha1.New, []byte(os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET")+"&"))
	mac.Write([]byte("GET&%2F&" + url.QueryEscape(query)))
	return query + "&Signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// poll asks for the newest task of a type in a region: the HTTP status and the task's status.
func poll(taskType, region string) (int, string) {
	parameters := url.Values{"Action": {"GetLastOnceTaskInfo"}, "TaskType": {taskType}, "TaskName": {taskType}}
	if region != "" {
		parameters.Set("RegionId", region)
	}
	answer, err := http.Get(os.Getenv("SAS_EMULATOR_ENDPOINT") + "/?" + signed(parameters))
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	var body struct{ TaskInfo struct{ Status string } }
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
		panic(err)
	}
	return answer.StatusCode, body.TaskInfo.Status
}

// untilItEnds polls, and waits after each failure as long as it is told by the number of failures so far.
func untilItEnds(taskType, region string, afterFailure func(failures int) time.Duration) {
	failures := 0
	for {
		code, status := poll(taskType, region)
		switch {
		case code >= 500:
			failures++
			time.Sleep(afterFailure(failures))
		case status == "INIT" || status == "START":
			time.Sleep(100 * time.Millisecond)
		default:
			return
		}
	}
}

func never(int) time.Duration { panic("it failed") }

func together(work ...func()) {
	var group sync.WaitGroup
	for _, each := range work {
		group.Add(1)
		go func() { defer group.Done(); each() }()
	}
	group.Wait()
}

var clients = map[string]func(){
	"constant_pause": func() {
		untilItEnds("IMAGE_SCAN", "", func(int) time.Duration { return 200 * time.Millisecond })
	},
	"retry_storm": func() {
		untilItEnds("IMAGE_SCAN", "", func(int) time.Duration { return 0 })
	},
	"parallel_duplicates": func() {
		once := func() { poll("IMAGE_SCAN", "") }
		together(once, once)
	},
	"back_off_with_jitter": func() {
		pause := 60 * time.Millisecond
		untilItEnds("IMAGE_SCAN", "", func(int) time.Duration {
			jittered := pause + time.Duration(mathrand.Int63n(int64(pause)/5))
			pause = pause * 3 / 2
			return jittered
		})
	},
	"concurrent_scans": func() {
		together(
			func() { untilItEnds("IMAGE_SCAN", "", never) },
			func() { untilItEnds("VUL_CHECK_TASK", "", never) },
		)
	},
	"another_region": func() {
		untilItEnds("IMAGE_SCAN", "cn-shanghai", never)
		untilItEnds("IMAGE_SCAN", "ap-southeast-1", never)
	},
}

func main() { clients[os.Args[1]]() }
