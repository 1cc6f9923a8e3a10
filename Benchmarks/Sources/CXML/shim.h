#include <libxml/xmlversion.h>
// libxml2 with ICU brings headers that clash with the ICU in Swift's Foundation.
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>

// What the benchmark compares with: the parser alone, with callbacks that do nothing. In C, so that nothing of Swift is in it.
static void ignoreText(void *context, const xmlChar *text, int length) { (void)context; (void)text; (void)length; }
static void ignoreStart(
    void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces, const xmlChar **list,
    int attributes, int defaulted, const xmlChar **values) {
    (void)context; (void)name; (void)prefix; (void)uri; (void)namespaces; (void)list; (void)attributes; (void)defaulted;
    (void)values;
}
static void ignoreEnd(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
    (void)context; (void)name; (void)prefix; (void)uri;
}

/// Parses a document and forgets it; 0 when it is well-formed.
static inline int parseAndForget(const char *bytes, int length) {
    static xmlSAXHandler handler;
    handler.initialized = XML_SAX2_MAGIC;
    handler.startElementNs = ignoreStart;
    handler.endElementNs = ignoreEnd;
    handler.characters = ignoreText;
    handler.cdataBlock = ignoreText;
    xmlParserCtxtPtr context = xmlCreatePushParserCtxt(&handler, NULL, NULL, 0, NULL);
    if (context == NULL) return -1;
    int status = xmlParseChunk(context, bytes, length, 1);
    xmlFreeParserCtxt(context);
    return status;
}
