import Testing

/// The ready provider files, each with the behaviour that its API's documentation describes.
extension ProviderShape {
    static let all: [ProviderShape] = [
        sendgrid, cloudflare, gitlab, digitalOcean, twilio, datadog, openAI, grafana,
    ]

    /// https://www.twilio.com/docs/sendgrid/api-reference/api-keys
    static let sendgrid = ProviderShape(
        provider: "sendgrid", settings: ["scopes": #"["mail.send"]"#], manager: false, create: "POST /v3/api_keys",
        bodyHolds: [#""scopes": ["mail.send"]"#],
        created: (201, #"{"api_key":"VALUE","api_key_id":"ID","name":"NAME","scopes":["mail.send"]}"#),
        test: "GET /v3/scopes", tested: #"{"scopes":["mail.send"]}"#, list: "GET /v3/api_keys",
        listed: (#"{"result":[ITEMS]}"#, #"{"name":"NAME","api_key_id":"ID"}"#), retire: "DELETE /v3/api_keys/ID",
        retired: (204, ""), refusal: (401, #"{"errors":[{"field":null,"message":"authorization required"}]}"#))

    /// https://developers.cloudflare.com/api/resources/user/subresources/tokens/
    static let cloudflare = ProviderShape(
        provider: "cloudflare", settings: ["policies": #"[{"effect":"allow","resources":{},"permission_groups":[]}]"#],
        create: "POST /client/v4/user/tokens", bodyHolds: [#""policies": [{"effect":"allow""#],
        created: (
            200, #"{"success":true,"errors":[],"messages":[],"result":{"id":"ID","name":"NAME","value":"VALUE"}}"#
        ),
        test: "GET /client/v4/user/tokens/verify",
        tested: #"{"success":true,"errors":[],"messages":[],"result":{"id":"ID","status":"active"}}"#,
        list: "GET /client/v4/user/tokens",
        listed: (
            #"{"success":true,"errors":[],"messages":[],"result":[ITEMS]}"#,
            #"{"id":"ID","name":"NAME","status":"active"}"#
        ),
        paging: .pages(page: "page", size: "per_page", first: 1), retire: "DELETE /client/v4/user/tokens/ID",
        retired: (200, #"{"success":true,"errors":[],"messages":[],"result":{"id":"ID"}}"#),
        refusal: (401, #"{"success":false,"errors":[{"code":1000,"message":"Invalid API Token"}],"result":null}"#))

    /// https://docs.gitlab.com/api/project_access_tokens/
    static let gitlab = ProviderShape(
        provider: "gitlab-project", settings: ["project": "team/app", "scopes": #"["read_api"]"#],
        presented: .header("private-token"), create: "POST /api/v4/projects/team%2Fapp/access_tokens",
        bodyHolds: [#""access_level": 30"#, #""expires_at": "2028-01-14""#],
        created: (201, #"{"scopes":["read_api"],"active":true,"name":"NAME","revoked":false,"id":ID,"token":"VALUE"}"#),
        test: "GET /api/v4/personal_access_tokens/self", tested: #"{"id":ID,"name":"NAME","active":true}"#,
        list: "GET /api/v4/projects/team%2Fapp/access_tokens",
        listed: ("[ITEMS]", #"{"id":"ID","name":"NAME","active":true,"revoked":false,"last_used_at":null}"#),
        paging: .pages(page: "page", size: "per_page", first: 1),
        retire: "DELETE /api/v4/projects/team%2Fapp/access_tokens/ID", retired: (204, ""),
        refusal: (401, #"{"message":"401 Unauthorized"}"#))

    /// https://docs.digitalocean.com/reference/api/digitalocean/#tag/Spaces-Keys
    static let digitalOcean = ProviderShape(
        provider: "digitalocean-spaces", settings: ["grants": #"[{"bucket":"b","permission":"read"}]"#],
        create: "POST /v2/spaces/keys", bodyHolds: [#""permission":"read""#],
        created: (201, #"{"key":{"name":"NAME","access_key":"ID","secret_key":"VALUE","grants":[]}}"#),
        test: "GET /v2/spaces/keys/ID", testIsByManager: true, tested: #"{"key":{"name":"NAME","access_key":"ID"}}"#,
        list: "GET /v2/spaces/keys",
        listed: (#"{"keys":[ITEMS],"links":{},"meta":{"total":1}}"#, #"{"name":"NAME","access_key":"ID"}"#),
        paging: .pages(page: "page", size: "per_page", first: 1), retire: "DELETE /v2/spaces/keys/ID",
        retired: (204, ""), refusal: (401, #"{"id":"Unauthorized","message":"Unable to authenticate you"}"#))

    /// https://www.twilio.com/docs/iam/api-keys/key-resource-v2010
    static let twilio = ProviderShape(
        provider: "twilio", settings: ["account": "AC1"], fields: ["sid", "value"], presented: .basic,
        create: "POST /2010-04-01/Accounts/AC1/Keys.json", bodyHolds: ["FriendlyName=keyturn-"],
        created: (201, #"{"sid":"ID","friendly_name":"NAME","secret":"VALUE"}"#),
        test: "GET /2010-04-01/Accounts/AC1/Messages.json", tested: #"{"messages":[],"page":0}"#,
        list: "GET /2010-04-01/Accounts/AC1/Keys.json",
        listed: (#"{"keys":[ITEMS],"page":0,"next_page_uri":null}"#, #"{"sid":"ID","friendly_name":"NAME"}"#),
        paging: .pages(page: "Page", size: "PageSize", first: 0),
        retire: "DELETE /2010-04-01/Accounts/AC1/Keys/ID.json", retired: (204, ""),
        refusal: (401, #"{"code":20003,"message":"Authenticate","status":401}"#))

    /// https://docs.datadoghq.com/api/latest/key-management/
    static let datadog = ProviderShape(
        provider: "datadog", presented: .header("dd-api-key"), managerHeader: "dd-application-key",
        create: "POST /api/v2/api_keys", bodyHolds: [#""type": "api_keys""#],
        created: (201, #"{"data":{"id":"ID","type":"api_keys","attributes":{"key":"VALUE","name":"NAME"}}}"#),
        test: "GET /api/v1/validate", tested: #"{"valid":true}"#, list: "GET /api/v2/api_keys",
        listed: (#"{"data":[ITEMS],"meta":{}}"#, #"{"id":"ID","type":"api_keys","attributes":{"name":"NAME"}}"#),
        paging: .pages(page: "page%5Bnumber%5D", size: "page%5Bsize%5D", first: 0),
        retire: "DELETE /api/v2/api_keys/ID", retired: (204, ""), refusal: (403, #"{"errors":["Forbidden"]}"#))

    /// https://platform.openai.com/docs/api-reference/admin-api-keys
    static let openAI = ProviderShape(
        provider: "openai-admin", manager: false, create: "POST /v1/organization/admin_api_keys",
        created: (200, #"{"object":"organization.admin_api_key","id":"ID","name":"NAME","value":"VALUE"}"#),
        test: "GET /v1/organization/admin_api_keys", tested: #"{"object":"list","data":[],"has_more":false}"#,
        list: "GET /v1/organization/admin_api_keys",
        listed: (
            #"{"object":"list","data":[ITEMS],"last_id":"LAST","has_more":MORE}"#, #"{"id":"ID","name":"NAME"}"#
        ),
        paging: .after, retire: "DELETE /v1/organization/admin_api_keys/ID",
        retired: (200, #"{"id":"ID","object":"organization.admin_api_key.deleted","deleted":true}"#),
        refusal: (401, #"{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}"#))

    /// https://grafana.com/docs/grafana/latest/developers/http_api/serviceaccount/
    static let grafana = ProviderShape(
        provider: "grafana", settings: ["account": "7"], create: "POST /api/serviceaccounts/7/tokens",
        created: (200, #"{"id":ID,"name":"NAME","key":"VALUE"}"#), test: "GET /api/search", tested: "[]",
        list: "GET /api/serviceaccounts/7/tokens", listed: ("[ITEMS]", #"{"id":"ID","name":"NAME"}"#),
        retire: "DELETE /api/serviceaccounts/7/tokens/ID",
        retired: (200, #"{"message":"Service account token deleted"}"#),
        refusal: (401, #"{"message":"Invalid API key"}"#))
}
