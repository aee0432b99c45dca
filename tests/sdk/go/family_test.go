// The once-task family, from the first call to every end it can have (shared/family.json), and single answers that are
// unusual (shared/answers.json), decoded as generated SDKs decode.

package sdk

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"
)

type step struct {
	At    []string
	Calls []struct {
		Call   string
		Params map[string]any
		Keep   map[string]string
	}
}

func TestFamily(t *testing.T) {
	var family struct {
		Flags  []string
		Scenes []struct {
			Name  string
			Each  []string
			Steps []step
		}
	}
	var golden map[string]any
	read(t, "family.json", &family)
	read(t, "family_golden.json", &golden)
	for _, scene := range family.Scenes {
		if scene.Each == nil {
			scene.Each = []string{""}
		}
		for _, each := range scene.Each {
			name := strings.TrimSpace(scene.Name + " " + each)
			t.Run(name, func(t *testing.T) {
				seen := walk(t, serve(t, family.Flags...), scene.Steps, each)
				expected := golden[name].([]any)
				for at := range max(len(seen), len(expected)) {
					if at >= len(seen) || at >= len(expected) || !reflect.DeepEqual(seen[at], expected[at]) {
						t.Fatalf("answer %d is not what all must see:\n%s\nbut of these:\n%s",
							at+1, encode(t, seen[at:]), encode(t, expected[at:]))
					}
				}
			})
		}
	}
}

// walk gives all that the client sees in a scene. The emulator's address, which is always another, stands as HOST.
func walk(t *testing.T, host string, steps []step, each string) (seen []any) {
	client := testClient(t, host)
	names := map[string]any{"{type}": each}
	for _, step := range steps {
		if step.At == nil {
			step.At = []string{"0s"}
		}
		for _, by := range step.At {
			advance(t, host, by)
			for _, call := range step.Calls {
				params := map[string]any{}
				for name, value := range call.Params {
					if text, isText := value.(string); isText && names[text] != nil {
						value = names[text]
					}
					params[name] = value
				}
				answer := askTyped(t, client, call.Call, params)
				var body any
				text := strings.ReplaceAll(string(encode(t, answer)), host, "HOST")
				check(t, json.Unmarshal([]byte(text), &body))
				for name, pointer := range call.Keep {
					names["{"+name+"}"] = find(answer, strings.Split(pointer, "/")[1:])
				}
				seen = append(seen, []any{call.Call, body})
			}
		}
	}
	return seen
}

func find(value any, path []string) any {
	for _, part := range path {
		value = value.(map[string]any)[part]
	}
	return value
}

// askTyped gives the typed answer as a map, or the refusal.
func askTyped(t *testing.T, client *openapi.Client, action string, params map[string]any) any {
	t.Helper()
	body, err := decoded(t, client, action, params)
	if err != nil {
		refused := refusalOf(err)
		if refused.Status == 0 {
			t.Fatalf("%s: %v", action, err)
		}
		return map[string]any{"refused": []any{refused.Status, refused.Code}}
	}
	return body
}

// decoded does what a generated method does: it sends, and converts the answer to its declared type.
func decoded(t *testing.T, client *openapi.Client, action string, params map[string]any) (any, error) {
	t.Helper()
	return decodedWith(t, client, action, params, &dara.RuntimeOptions{})
}

// decodedWith is the generated method `…WithOptions`.
func decodedWith(
	t *testing.T, client *openapi.Client, action string, params map[string]any, runtime *dara.RuntimeOptions,
) (any, error) {
	t.Helper()
	whole, err := callWith(client, request{action, "2018-12-03", params}, runtime)
	if err != nil {
		return nil, err
	}
	answer := reflect.New(declared(t, action))
	if err := dara.Convert(whole, answer.Interface()); err != nil {
		return nil, err
	}
	return plain(answer.Elem().FieldByName("Body")), nil
}

func testClient(t *testing.T, host string) *openapi.Client {
	client, err := newClient(host, &openapi.Config{
		AccessKeyId:     dara.String("test"),
		AccessKeySecret: dara.String("test"),
	})
	check(t, err)
	return client
}

func TestAnswers(t *testing.T) {
	var document struct {
		Params  map[string]any
		Answers []struct {
			Name, Member string
			Flags        []string
			Body         json.RawMessage
			Sees         map[string]json.RawMessage
		}
	}
	read(t, "answers.json", &document)
	for _, answer := range document.Answers {
		t.Run(answer.Name, func(t *testing.T) {
			var host string
			if answer.Flags != nil {
				host = serve(t, answer.Flags...)
			} else {
				stub := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, _ *http.Request) {
					writer.Header().Set("Content-Type", "application/json;charset=utf-8")
					_, _ = writer.Write(answer.Body)
				}))
				t.Cleanup(stub.Close)
				host = strings.TrimPrefix(stub.URL, "http://")
			}
			var seen any = "error"
			body, err := decoded(t, testClient(t, host), "GetLastOnceTaskInfo", document.Params)
			if err == nil {
				seen = body.(map[string]any)[answer.Member]
			} else if refusalOf(err).Status != 0 {
				t.Fatal(err)
			}
			if saw, expected := string(encode(t, seen)), string(answer.Sees["go"]); saw != expected {
				t.Errorf("%s is seen as %s, not %s: %v", answer.Member, saw, expected, err)
			}
		})
	}
}
