// What the SDK sees in the built-in scenarios (shared/scenarios.json).

package sdk

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"
)

// An outcome is what one call shows, or the error that it ends with.
type outcome = map[string]any

type scenarios struct {
	Params   map[string]any
	Outcomes map[string]struct {
		All  outcome
		Sees map[string]outcome
	}
	Situations []struct {
		Name  string
		Flags []string
		Key   key
		Retry bool
		Steps []lookout
	}
}

// A lookout makes one call for each outcome that it sees.
type lookout struct {
	Advance, Call   string
	Params          map[string]any
	Timeout, Within int
	Sees            []string
}

func TestScenarios(t *testing.T) {
	var document scenarios
	read(t, "scenarios.json", &document)
	for _, situation := range document.Situations {
		t.Run(situation.Name, func(t *testing.T) {
			host := serve(t, situation.Flags...)
			client := clientFor(t, host, situation.Key, situation.Retry)
			for _, step := range situation.Steps {
				if step.Advance != "" {
					advance(t, host, step.Advance)
				}
				if step.Call == "" {
					step.Call = "GetLastOnceTaskInfo"
				}
				if step.Params == nil {
					step.Params = document.Params
				}
				for at, name := range step.Sees {
					wanted := document.wanted(name)
					if seen := lookFor(t, client, step, wanted); !reflect.DeepEqual(seen, wanted) {
						t.Errorf("%s, answer %d, is not\n%s\nbut\n%s", name, at+1, encode(t, wanted), encode(t, seen))
					}
				}
			}
		})
	}
}

// wanted is what this SDK must make of it.
func (document scenarios) wanted(name string) outcome {
	wanted := outcome{}
	maps.Copy(wanted, document.Outcomes[name].All)
	maps.Copy(wanted, document.Outcomes[name].Sees["go"])
	return wanted
}

// lookFor makes as many calls as it takes to see this, or as it may, and gives what the last one showed.
func lookFor(t *testing.T, client *openapi.Client, step lookout, wanted outcome) (seen outcome) {
	for left := max(step.Within, 1); left > 0 && !reflect.DeepEqual(seen, wanted); left-- {
		seen = comparable(look(t, client, step), wanted)
	}
	return seen
}

// The SDK passes the delay to its callers only if it may raise its newer errors. It reads that from the older family
// of headers.
func TestThrottlingSaysHowLongToWait(t *testing.T) {
	var document scenarios
	read(t, "scenarios.json", &document)
	client, err := newClient(serve(t, "--scenario", "throttled"), &openapi.Config{
		AccessKeyId:     dara.String("test"),
		AccessKeySecret: dara.String("test"),
	})
	check(t, err)
	client.DisableSDKError = dara.Bool(true)
	for left := 20; left > 0 && err == nil; left-- {
		_, err = call(client, request{"GetLastOnceTaskInfo", "2018-12-03", document.Params})
	}
	var throttled *openapi.ThrottlingError
	if !errors.As(err, &throttled) {
		t.Fatalf("not throttled: %v", err)
	}
	if wait := dara.Int64Value(throttled.RetryAfter); wait < 1 || wait > 1000 {
		t.Errorf("one call a second, and the wait is %d ms", wait)
	}
}

// A client with retries enabled and no Retry-After waits for this many seconds. That is too long for a test, so the test reads
// the delay and does not wait. Only a backoff changes it.
func TestRetryDelayWithoutRetryAfter(t *testing.T) {
	for _, expected := range []struct {
		backoff dara.BackoffPolicy
		wait    int
	}{{nil, 100}, {&dara.FixedBackoffPolicy{Period: 7}, 1}} {
		throttled := &dara.RetryCondition{
			ErrorCode: []string{"Throttling.User"}, MaxAttempts: 3, MaxDelay: 1, Backoff: expected.backoff,
		}
		options := &dara.RetryOptions{Retryable: true, RetryCondition: []*dara.RetryCondition{throttled}}
		refusal := &openapi.ThrottlingError{Code: dara.String("Throttling.User")}
		context := &dara.RetryPolicyContext{RetriesAttempted: 1, Exception: refusal}
		if wait := dara.GetBackoffDelay(options, context); wait != expected.wait {
			t.Errorf("waits for %d s, not %d s", wait, expected.wait)
		}
	}
}

// clientFor makes a client with all possible retries enabled. A condition must name codes: names of errors are never
// those of the SDK's own. And it must bound the delay: what the service says in milliseconds is waited for in seconds.
func clientFor(t *testing.T, host string, key key, retry bool) *openapi.Client {
	if key.ID == "" {
		key.ID, key.Secret = "test", "test"
	}
	config := &openapi.Config{
		AccessKeyId:     dara.String(key.ID),
		AccessKeySecret: dara.String(key.Secret),
		SecurityToken:   optional(key.Token),
	}
	if retry {
		throttled := &dara.RetryCondition{ErrorCode: []string{"Throttling.User"}, MaxAttempts: 3, MaxDelay: 0}
		config.RetryOptions = &dara.RetryOptions{Retryable: true, RetryCondition: []*dara.RetryCondition{throttled}}
	}
	client, err := newClient(host, config)
	check(t, err)
	return client
}

// look makes one call, and returns its response or its error.
func look(t *testing.T, client *openapi.Client, step lookout) outcome {
	runtime := &dara.RuntimeOptions{}
	if step.Timeout != 0 {
		runtime.ReadTimeout = dara.Int(step.Timeout)
	}
	body, err := decodedWith(t, client, step.Call, step.Params, runtime)
	if err == nil {
		return asRead(t, outcome{"shows": body})
	}
	seen := outcome{"error": fmt.Sprintf("%T", err), "says": err.Error()}
	var answered *tea.SDKError
	if errors.As(err, &answered) {
		seen["status"], seen["code"], seen["says"] = answered.StatusCode, answered.Code, answered.Message
		if id, isGiven := refusalOf(err).Data["RequestId"].(string); isGiven {
			seen["request_id"] = requestID.MatchString(id)
		}
	}
	return asRead(t, seen)
}

// asRead gives an outcome the types that the document's have.
func asRead(t *testing.T, written outcome) (read outcome) {
	check(t, json.Unmarshal(encode(t, written), &read))
	return read
}

// comparable gives what was seen, so far as the document says anything of it: of answers the members that it names, of texts
// the part.
func comparable(seen, wanted outcome) outcome {
	if shows, isAnswer := seen["shows"]; isAnswer {
		return outcome{"shows": narrowed(shows, wanted["shows"])}
	}
	if part, isGiven := wanted["says"].(string); isGiven && strings.Contains(seen["says"].(string), part) {
		seen["says"] = part
	}
	return seen
}

// narrowed gives the members that are wanted.
func narrowed(value, wanted any) any {
	switch wanted := wanted.(type) {
	case []any:
		list, isList := value.([]any)
		if !isList || len(list) != len(wanted) {
			return value
		}
		var some []any
		for at, item := range list {
			some = append(some, narrowed(item, wanted[at]))
		}
		return some
	case map[string]any:
		members, isMap := value.(map[string]any)
		if !isMap {
			return value
		}
		some := map[string]any{}
		for name, want := range wanted {
			if member, isThere := members[name]; isThere {
				some[name] = narrowed(member, want)
			}
		}
		return some
	}
	return value
}
