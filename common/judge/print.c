#include "judge/print.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void
print_json(FILE *f, const char *name)
{
	if (name == NULL || name[0] == '\0') {
		fputs("null", f);
		return;
	}
	putc('"', f);
	for (; *name != '\0'; name++) {
		unsigned char c = (unsigned char)*name;

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < ' ' || c == 0x7f)
			fprintf(f, "\\u%04x", c);
		else
			putc(c, f);
	}
	putc('"', f);
}

static void
print_number(FILE *f, double x, const char *none)
{
	if (isnan(x))
		fputs(none, f);
	else
		fprintf(f, "%.12g", x);
}

void
print_object(FILE *f, const char *const *name, const double *x, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		fprintf(f, "%s\"%s\": ", i == 0 ? "{" : ", ", name[i]);
		print_number(f, x[i], "null");
	}
	putc('}', f);
}

void
print_cells(FILE *f, const double *x, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		putc('\t', f);
		print_number(f, x[i], "-");
	}
}

void
print_padded(FILE *f, const char *name, int width)
{
	int pad = abs(width) - (int)text_characters(name, strlen(name));

	fprintf(f, "%*s%s%*s", width > 0 && pad > 0 ? pad : 0, "", name, width < 0 && pad > 0 ? pad : 0, "");
}
