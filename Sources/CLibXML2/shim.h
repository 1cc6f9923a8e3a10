#include <libxml/xmlversion.h>
// Debian builds libxml2 with ICU, whose headers clash with the ICU in Swift's Foundation. What is left out by this is two
// fields at the end of a struct that is only ever pointed to.
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
