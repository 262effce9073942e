/* SPDX-License-Identifier: MIT */
/*
 * What a program in C++ says of its memory: hints that live as long as the object they are about.
 *
 *	c++ -std=c++11 -I.. -o example example.cpp
 *	echo password | ./example crash
 *
 * Says on standard output what it said, one hint a line, and then crashes or waits.
 */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#include <dumpd-hints.h>

static void said(const char *what, const void *p, std::size_t n)
{
	std::printf("%s 0x%llx %zu\n", what,
		    static_cast<unsigned long long>(reinterpret_cast<std::uintptr_t>(p)), n);
}

/* An allocator whose memory is secret from before it is used until after it is wiped. */
template <typename T> struct secret_allocator {
	using value_type = T;

	/* what is before the object: its hint */
	static constexpr std::size_t ahead = 16;

	secret_allocator() = default;
	template <typename U> secret_allocator(const secret_allocator<U> &)
	{
	}
	T *allocate(std::size_t n)
	{
		char *p = static_cast<char *>(::operator new(ahead + n * sizeof(T)));
		dumpd_hint_id id = dumpd_hints_add(
			dumpd_secret(p + ahead, n * sizeof(T), "allocator"));

		if (id < 0) { /* better no secret than one that is in a dump */
			::operator delete(p);
			throw std::bad_alloc();
		}
		std::memcpy(p, &id, sizeof(id));
		return reinterpret_cast<T *>(p + ahead);
	}
	void deallocate(T *object, std::size_t n)
	{
		char *p = reinterpret_cast<char *>(object) - ahead;
		volatile char *wiped = reinterpret_cast<char *>(object);
		dumpd_hint_id id;

		for (std::size_t i = 0; i < n * sizeof(T); i++)
			wiped[i] = 0;
		std::memcpy(&id, p, sizeof(id));
		dumpd_hints_remove(id);
		::operator delete(p);
	}
	template <typename U> bool operator==(const secret_allocator<U> &) const
	{
		return true;
	}
	template <typename U> bool operator!=(const secret_allocator<U> &) const
	{
		return false;
	}
};

using secret_bytes = std::vector<char, secret_allocator<char>>;

/* The hint follows the object when it is moved, and ends with it. */
class order
{
    public:
	explicit order(int number)
		: data_(new data{ number, "customer unknown" })
		, hint_(dumpd_keep(data_, sizeof(*data_), 0, "order"))
	{
	}
	order(order &&other) noexcept
		: data_(other.data_)
		, hint_(std::move(other.hint_))
	{
		other.data_ = nullptr;
	}
	order(const order &) = delete;
	~order()
	{
		delete data_;
	}
	void say() const
	{
		said("keep", data_, sizeof(*data_));
	}

    private:
	struct data {
		int number;
		char customer[28];
	} *data_;
	dumpd::scoped_hint hint_;
};

int main(int argc, char **argv)
{
	static char why[200];
	dumpd::scoped_hint text(dumpd_text(why, sizeof(why), "why"));
	secret_bytes password(64);
	std::vector<order> orders;

	if (!text.is_set() || read(STDIN_FILENO, password.data(), password.size()) <= 0)
		return 1;
	orders.emplace_back(4711);
	{
		order forgotten(4712);
		dumpd::scoped_hint none(dumpd_drop(why, 1, "none"));
	}
	orders.emplace_back(4713); /* grows: the first one is moved */
	said("text", why, sizeof(why));
	said("secret", password.data(), password.size());
	for (const order &o : orders)
		o.say();
	std::puts("ready");
	std::fflush(stdout);
	if (argc > 1 && std::string(argv[1]) == "crash") {
		std::strcpy(why, "order 4711 has no customer");
		std::abort();
	}
	pause();
	return 0;
}
