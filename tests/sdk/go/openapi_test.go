// The client that generated Go SDKs are made of (darabonba-openapi), with every signature it can make.

package sdk

import (
	"encoding/json"
	"errors"
	"testing"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapiutil "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"
)

// "v2" is their word for the signature whose SignatureVersion is 1.0.
var algorithms = map[string]string{"ACS3-HMAC-SHA256": "v3", "ACS3-HMAC-SM3": "v3", "v2": "v1"}

func TestOpenapi(t *testing.T) {
	usual, _, _ := contract(t)
	for algorithm, scheme := range algorithms {
		connect := func(host string, key key) ask {
			client, err := newClient(host, &openapi.Config{
				AccessKeyId:        dara.String(key.ID),
				AccessKeySecret:    dara.String(key.Secret),
				SecurityToken:      optional(key.Token),
				SignatureAlgorithm: dara.String(algorithm),
			})
			return func(request request) (map[string]any, *refusal) {
				if err != nil {
					return nil, refusalOf(err)
				}
				whole, err := call(client, request)
				if err != nil {
					return nil, refusalOf(err)
				}
				return whole["body"].(map[string]any), nil
			}
		}
		t.Run(algorithm, func(t *testing.T) {
			hold(t, way{scheme, connect})

			t.Run("bearer tokens are refused", func(t *testing.T) {
				host := serve(t)
				client, err := newClient(host, &openapi.Config{
					BearerToken:        dara.String("token"),
					SignatureAlgorithm: dara.String(algorithm),
				})
				check(t, err)
				_, err = call(client, usual.Request)
				report(t, nil, refusalOf(err), host, 400, "UnsupportedSignatureType", "This signature type is not supported.")
			})
		})
	}
}

func newClient(host string, config *openapi.Config) (*openapi.Client, error) {
	config.Endpoint, config.Protocol = dara.String(host), dara.String("http")
	return openapi.NewClient(config)
}

// call sends a request as generated methods do; the body of the answer is its member `body`.
func call(client *openapi.Client, request request) (map[string]any, error) {
	return callWith(client, request, &dara.RuntimeOptions{})
}

// callWith is the generated method `…WithOptions`.
func callWith(client *openapi.Client, request request, runtime *dara.RuntimeOptions) (map[string]any, error) {
	params := &openapi.Params{
		Action:      dara.String(request.Action),
		Version:     dara.String(request.Version),
		Protocol:    dara.String("HTTPS"),
		Pathname:    dara.String("/"),
		Method:      dara.String("POST"),
		AuthType:    dara.String("AK"),
		Style:       dara.String("RPC"),
		ReqBodyType: dara.String("formData"),
		BodyType:    dara.String("json"),
	}
	query := &openapi.OpenApiRequest{Query: openapiutil.Query(request.Params)}
	return client.CallApi(params, query, runtime)
}

// refusalOf reads a refusal from an error.
func refusalOf(err error) *refusal {
	read := &refusal{Text: err.Error()}
	var answered *tea.SDKError
	if errors.As(err, &answered) {
		read.Status, read.Code = tea.IntValue(answered.StatusCode), tea.StringValue(answered.Code)
		_ = json.Unmarshal([]byte(tea.StringValue(answered.Data)), &read.Data)
	}
	return read
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
