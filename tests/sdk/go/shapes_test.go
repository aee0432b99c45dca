// Answers that only have the documented shape decode to declared types, as generated Go SDKs declare them: encoding/json
// refuses a number for a text, and a number that an int32 cannot hold.

package sdk

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"
)

type operation struct {
	Name     string
	Params   json.RawMessage
	Required []string
	Reply    json.RawMessage
}

// goType is the Go type of a shape.
func goType(t *testing.T, shape json.RawMessage) reflect.Type {
	t.Helper()
	kinds := map[string]reflect.Type{
		"s": reflect.TypeFor[string](), "i32": reflect.TypeFor[int32](), "i64": reflect.TypeFor[int64](),
		"f": reflect.TypeFor[float32](), "b": reflect.TypeFor[bool](), "any": reflect.TypeFor[any](),
	}
	switch shape[0] {
	case '"':
		var kind string
		check(t, json.Unmarshal(shape, &kind))
		return kinds[kind]
	case '[':
		var words []string
		check(t, json.Unmarshal(shape, &words))
		return kinds[words[0]]
	}
	var members map[string]json.RawMessage
	check(t, json.Unmarshal(shape, &members))
	if of, marked := members["[]"]; marked && len(members) == 1 {
		return reflect.SliceOf(goType(t, of))
	}
	if of, marked := members["{}"]; marked && len(members) == 1 {
		return reflect.MapOf(kinds["s"], goType(t, of))
	}
	fields := make([]reflect.StructField, 0, len(members))
	for name, of := range members {
		fields = append(fields, reflect.StructField{
			Name: fmt.Sprintf("F%d", len(fields)),
			Type: goType(t, of),
			Tag:  reflect.StructTag(fmt.Sprintf(`json:"%s"`, name)),
		})
	}
	return reflect.StructOf(fields)
}

// operations reads those that need no parameter: nothing has to be made up for them.
func operations(t *testing.T) []operation {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "..", "fixtures", "shapes.jsonl"))
	check(t, err)
	defer file.Close()
	var free []operation
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var read operation
		check(t, json.Unmarshal(lines.Bytes(), &read))
		if len(read.Required) == 0 {
			free = append(free, read)
		}
	}
	check(t, lines.Err())
	return free
}

func TestShapesDecodeToDeclaredTypes(t *testing.T) {
	scenario := filepath.Join(t.TempDir(), "shapes.yaml")
	check(t, os.WriteFile(scenario, []byte("version: 1\nname: shapes\nshapes: { lists: 3 }\n"), 0o600))
	host := serve(t, "--scenario", scenario, "--unmodelled", "shape", "--signature", "verify")
	client, err := newClient(host, &openapi.Config{AccessKeyId: dara.String("test"), AccessKeySecret: dara.String("test")})
	check(t, err)
	decoded := 0
	for _, operation := range operations(t) {
		whole, err := call(client, request{Action: operation.Name, Version: "2018-12-03"})
		if err != nil {
			// Modelled operations demand more than their metadata say.
			if refusal := refusalOf(err); strings.HasPrefix(refusal.Code, "OperationNotModelled") {
				t.Errorf("%s: %s", operation.Name, refusal.Text)
			}
			continue
		}
		if whole["headers"].(map[string]any)["x-emulator-fidelity"] != "shape" {
			continue
		}
		body, err := json.Marshal(whole["body"])
		check(t, err)
		reader := json.NewDecoder(bytes.NewReader(body))
		reader.DisallowUnknownFields()
		if err := reader.Decode(reflect.New(goType(t, operation.Reply)).Interface()); err != nil {
			t.Errorf("%s: %v\n%s", operation.Name, err, body)
		}
		decoded++
	}
	if decoded < 250 {
		t.Errorf("only %d answers were shapes", decoded)
	}
}
