/* SPDX-License-Identifier: MIT */
/*
 * What Ledger.java loads: called by it, calls it, and dies.
 */
#include <jni.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct posting {
	struct posting *next;
	char *text;
	jlong amount;
};

struct book {
	struct posting *first;
	const char *name;
	int count;
};

static struct book book = { .name = "of the link" };
volatile int never;

static struct posting *post(const char *name, jlong amount)
{
	struct posting *made = calloc(1, sizeof(*made));

	if (!made || asprintf(&made->text, "%s: %ld", name, (long)amount) < 0)
		abort();
	made->amount = amount;
	made->next = book.first;
	book.first = made;
	book.count++;
	return made;
}

JNIEXPORT jlong JNICALL Java_Ledger_inner(JNIEnv *env, jclass class, jobject self,
					  jstring name, jint depth)
{
	const char *text = (*env)->GetStringUTFChars(env, name, NULL);
	struct posting *mine = post(text, depth);
	char words[64];

	snprintf(words, sizeof(words), "%s of %d", mine->text, book.count);
	never = *(volatile int *)(unsigned long)(words[0] ? 8 : 16);
	return never + (class == self);
}

JNIEXPORT jlong JNICALL Java_Ledger_outer(JNIEnv *env, jclass class, jobject self,
					  jstring name, jint depth)
{
	const char *text = (*env)->GetStringUTFChars(env, name, NULL);
	jmethodID between =
		(*env)->GetMethodID(env, class, "between", "(Ljava/lang/String;I)J");
	struct book *mine = &book;

	mine->name = strdup(text);
	for (int i = 0; i < 50; i++)
		post(text, depth + i);
	return between ? (*env)->CallLongMethod(env, self, between, name, depth) : 0;
}
