// The contract that every SDK is held to (shared/contract.json), for Go.

package sdk

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// A key is an AccessKey, with a token if it is temporary.
type key struct{ ID, Secret, Token string }

// A request is a call, as the wire names it.
type request struct {
	Action, Version string
	Params          map[string]any
}

// A refusal has the members of an error that an application can read. Data is the body, where the SDK keeps it.
type refusal struct {
	Status     int
	Code, Text string
	Data       map[string]any
}

// A way to use an SDK: from a host and a key to a function that sends a request. It answers with a map of wire names,
// or says how it was refused.
type way struct {
	scheme  string
	connect func(host string, key key) ask
}

type ask func(request request) (map[string]any, *refusal)

type situation struct {
	Name    string
	Flags   []string
	Key     key
	Request request
	Status  int
	Code    string
	Message string
}

var unsigned = map[string]string{
	"v1": "Specified signature is not matched with our calculation. server string to sign is:",
	"v3": "Specified signature does not match our calculation. server StringToSign is [ACS3-HMAC-S",
}

var requestID = regexp.MustCompile(`^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$`)

// hold runs the tests that every way to use an SDK must pass.
func hold(t *testing.T, way way) {
	usual, scans, refusals := contract(t)
	for _, scan := range scans {
		t.Run("a scan is watched to its end ("+scan.Name+")", func(t *testing.T) {
			watch(t, way.connect(serve(t, scan.Flags...), scan.Key), scan.Request)
		})
	}
	for _, expected := range refusals {
		t.Run("a refusal is reported ("+expected.Name+")", func(t *testing.T) {
			host := serve(t, expected.Flags...)
			body, refused := way.connect(host, expected.Key)(expected.Request)
			report(t, body, refused, host, expected.Status, expected.Code, expected.Message)
		})
	}
	t.Run("a wrong secret is reported with what the service signed", func(t *testing.T) {
		host := serve(t)
		body, refused := way.connect(host, key{ID: "test", Secret: "wrong"})(usual.Request)
		if refused == nil || !strings.Contains(refused.Text, unsigned[way.scheme]) {
			t.Fatalf("not what was signed: %v %+v", body, refused)
		}
		message, _ := refused.Data["Message"].(string)
		report(t, body, refused, host, 400, "SignatureDoesNotMatch", message)
	})
}

// contract reads the cases; what one leaves out is as usual, for a request member by member.
func contract(t *testing.T) (usual situation, scans, refusals []situation) {
	var document struct {
		Usual           json.RawMessage
		Scans, Refusals []json.RawMessage
	}
	read(t, "contract.json", &document)
	complete := func(cases []json.RawMessage) (completed []situation) {
		for _, each := range cases {
			// Into a copy of what is usual: members that are not there stay. Maps would be merged, so params start empty
			// where a case has its own.
			var whole, own situation
			check(t, json.Unmarshal(document.Usual, &whole))
			check(t, json.Unmarshal(each, &own))
			if own.Request.Params != nil {
				whole.Request.Params = nil
			}
			if own.Key != (key{}) {
				whole.Key = key{}
			}
			check(t, json.Unmarshal(each, &whole))
			completed = append(completed, whole)
		}
		return completed
	}
	usual = complete([]json.RawMessage{document.Usual})[0]
	return usual, complete(document.Scans), complete(document.Refusals)
}

// watch polls until the scan is over, and checks that it went the way of a scan.
func watch(t *testing.T, ask ask, request request) {
	var statuses, taskIDs, requestIDs []string
	var progress []float64
	var last map[string]any
	for status := "INIT"; status == "INIT" || status == "START"; {
		body, refused := ask(request)
		if refused != nil || len(progress) == 10 {
			t.Fatalf("no end in sight: %+v after %v", refused, statuses)
		}
		last = body
		info := body["TaskInfo"].(map[string]any)
		status = info["Status"].(string)
		if len(statuses) == 0 || statuses[len(statuses)-1] != status {
			statuses = append(statuses, status)
		}
		progress = append(progress, number(t, info["Progress"]))
		taskIDs = append(taskIDs, string(encode(t, body["TaskId"])))
		requestIDs = append(requestIDs, body["RequestId"].(string))
	}
	if !reflect.DeepEqual(statuses, []string{"INIT", "START", "SUCCESS"}) {
		t.Errorf("went through %v", statuses)
	}
	for at := 1; at < len(progress); at++ {
		if progress[at] <= progress[at-1] || taskIDs[at] != taskIDs[0] || requestIDs[at] == requestIDs[at-1] {
			t.Errorf("progress %v, tasks %v, requests %v", progress, taskIDs, requestIDs)
		}
	}
	if progress[0] != 0 || progress[len(progress)-1] != 100 {
		t.Errorf("progress %v", progress)
	}
	if count := number(t, last["FinishCount"]); count <= 0 || count != number(t, last["TotalCount"]) {
		t.Errorf("not all is finished: %v", last)
	}
}

// report checks all members of an error that an application can read.
func report(t *testing.T, body map[string]any, refused *refusal, host string, status int, code, message string) {
	t.Helper()
	if refused == nil {
		t.Fatalf("it was answered: %v", body)
	}
	if refused.Status != status || refused.Code != code || !strings.Contains(refused.Text, message) {
		t.Errorf("expected %d %s %q, got %+v", status, code, message, refused)
	}
	id, _ := refused.Data["RequestId"].(string)
	if !requestID.MatchString(id) {
		t.Errorf("no request id: %q", id)
	}
	for name, expected := range map[string]string{
		"Message":   message,
		"Code":      code,
		"HostId":    host,
		"Recommend": "https://api.aliyun.com/troubleshoot?q=" + code + "&product=Sas&requestId=" + id,
	} {
		if refused.Data[name] != expected {
			t.Errorf("%s is %q, not %q", name, refused.Data[name], expected)
		}
	}
}

func number(t *testing.T, value any) float64 {
	t.Helper()
	var parsed float64
	check(t, json.Unmarshal(encode(t, value), &parsed))
	return parsed
}

func encode(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	check(t, err)
	return text
}
