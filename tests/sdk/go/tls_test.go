// Over verified TLS: the SDK trusts Ca of its configuration, or SSL_CERT_FILE (docs/tls.md).

package sdk

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"
)

// secure starts an emulator that speaks TLS; it returns its address, and the file with the authority to trust.
func secure(t *testing.T, scenario string) (host, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "ca.pem")
	return serve(t, "--scenario", scenario, "--tls", "auto", "--tls-ca-out", file), file
}

// secureClient trusts only this authority, given in PEM; if it is empty, the authorities that Go trusts.
func secureClient(host, ca string) (*openapi.Client, error) {
	return openapi.NewClient(&openapi.Config{
		AccessKeyId:     dara.String("test"),
		AccessKeySecret: dara.String("test"),
		Endpoint:        dara.String(host),
		Protocol:        dara.String("https"),
		Ca:              optional(ca),
	})
}

func askSecurely(t *testing.T, host, ca string) ask {
	t.Helper()
	client, err := secureClient(host, ca)
	check(t, err)
	return func(request request) (map[string]any, *refusal) {
		whole, err := call(client, request)
		if err != nil {
			return nil, refusalOf(err)
		}
		return whole["body"].(map[string]any), nil
	}
}

func TestTLS(t *testing.T) {
	usual, _, _ := contract(t)
	t.Run("a scan is watched to its end", func(t *testing.T) {
		host, file := secure(t, "scan.yaml")
		ca, err := os.ReadFile(file)
		check(t, err)
		watch(t, askSecurely(t, host, string(ca)), usual.Request)
	})
	t.Run("who does not trust it does not call", func(t *testing.T) {
		host, _ := secure(t, "scan.yaml")
		_, refused := askSecurely(t, host, "")(usual.Request)
		expect(t, refused, "certificate signed by unknown authority")
	})
	for kind, expected := range map[string]string{
		"expired":    "certificate has expired",
		"wrong_name": "certificate is valid for|doesn't contain any IP SANs",
		"untrusted":  "certificate signed by unknown authority",
	} {
		t.Run("a certificate is refused once ("+kind+")", func(t *testing.T) {
			scenario := filepath.Join(t.TempDir(), "bad.yaml")
			text := fmt.Sprintf("version: 1\nname: bad\nstart_on_first_poll: ['*']\n"+
				"faults: [{ trigger: { calls: 1 }, effect: { tls: %s } }]\n", kind)
			check(t, os.WriteFile(scenario, []byte(text), 0o600))
			host, file := secure(t, scenario)
			ca, err := os.ReadFile(file)
			check(t, err)
			ask := askSecurely(t, host, string(ca))
			_, refused := ask(usual.Request)
			expect(t, refused, expected)
			if _, refused := ask(usual.Request); refused != nil {
				t.Errorf("the fault fired for the second handshake too: %+v", refused)
			}
		})
	}
	t.Run("a variable says it for a whole program", func(t *testing.T) {
		if runtime.GOOS != "linux" {
			t.Skip("SSL_CERT_FILE means nothing to Go on this system")
		}
		host, file := secure(t, "scan.yaml")
		// Go reads it once: this program has read it.
		command := exec.Command(os.Args[0], "-test.run=^TestTLSProgram$", "-test.v")
		command.Env = append(os.Environ(), "SSL_CERT_FILE="+file, "TLS_TEST_HOST="+host)
		output, err := command.CombinedOutput()
		if err != nil || !regexp.MustCompile(`--- PASS: TestTLSProgram`).Match(output) {
			t.Errorf("%v: %s", err, output)
		}
	})
}

// TestTLSProgram is what the last test above runs.
func TestTLSProgram(t *testing.T) {
	host := os.Getenv("TLS_TEST_HOST")
	if host == "" {
		t.Skip("run by TestTLS")
	}
	usual, _, _ := contract(t)
	watch(t, askSecurely(t, host, ""), usual.Request)
}

func expect(t *testing.T, refused *refusal, text string) {
	t.Helper()
	if refused == nil || !regexp.MustCompile(text).MatchString(refused.Text) {
		t.Errorf("expected %q, got %+v", text, refused)
	}
}
