module example.com/platform/portal

go 1.24
