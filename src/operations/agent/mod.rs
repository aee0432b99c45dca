//! Agents: their installation and their problems.

family! {
    describe_agent_install_status
    describe_client_problem_type
    operate_agent_client_install
}
