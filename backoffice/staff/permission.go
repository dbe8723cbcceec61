package staff

// Permission is one thing that an account may be allowed. Whatever an account has not been given it may not do.
type Permission string

// The permissions. Beside each are the roles that have it.
const (
	Receive    Permission = "receive"      // see the queue and files, call visitors in turn: counter, lead
	OutOfOrder Permission = "out_of_order" // call somebody who is not next: counter, lead
	Lead       Permission = "lead"         // see to who was left, waits, staffing, statistics: lead
	Administer Permission = "administer"   // accounts, rules, the office's data: admin
	Audit      Permission = "audit"        // read the log, without pictures: auditor
	Maintain   Permission = "maintain"     // stations and their health: technician, admin
)
