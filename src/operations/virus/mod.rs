//! Virus scans.

family! {
    create_virus_scan_once_task
    get_virus_scan_latest_task_statistic
    start_virus_scan_task
}
