// GitHub's parser of Markdown and the extensions that come with it, whose headers lie apart.

#ifndef INSTILL_CMARK_GFM_H
#define INSTILL_CMARK_GFM_H

#include <cmark-gfm.h>
#include <cmark-gfm-core-extensions.h>

#endif
