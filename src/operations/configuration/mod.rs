//! What the account has bought.

family! {
    describe_version_config
    get_auth_summary
}
