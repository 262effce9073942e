/* SPDX-License-Identifier: MIT */
/*
 * coroutines: fibers of Boost in a large arena, fibers of ucontext on malloc'ed stacks, and
 * coroutines of the language, whose frames are on the heap; one calls the next, the last dies.
 */
#include <boost/context/fiber.hpp>
#include <boost/context/fixedsize_stack.hpp>
#include <coroutine>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <sys/mman.h>
#include <ucontext.h>
#include <utility>
#include <vector>

namespace
{

constexpr std::size_t stack_size = 256 << 10;
constexpr int fiber_count = 200;

struct Task {
	struct promise_type {
		Task get_return_object()
		{
			return { std::coroutine_handle<promise_type>::from_promise(*this) };
		}
		static std::suspend_always initial_suspend()
		{
			return {};
		}
		static std::suspend_always final_suspend() noexcept
		{
			return {};
		}
		void return_value(int v)
		{
			value = v;
		}
		static void unhandled_exception()
		{
			std::abort();
		}
		int value = 0;
	};
	std::coroutine_handle<promise_type> handle;
};

struct Awaiting {
	Task task;
	static bool await_ready()
	{
		return false;
	}
	bool await_suspend(std::coroutine_handle<>) const
	{
		task.handle.resume();
		return false;
	}
	int await_resume() const
	{
		return task.handle.promise().value;
	}
};

struct Parcel {
	std::string address;
	std::vector<std::string> contents;
	std::unique_ptr<Parcel> inside;
};

/* One mapping for all stacks of Boost's fibers, as pools have it. */
struct Arena {
	char *next = nullptr;

	boost::context::stack_context allocate()
	{
		boost::context::stack_context stack;

		if (!next)
			next = static_cast<char *>(mmap(nullptr, stack_size * fiber_count,
							PROT_READ | PROT_WRITE,
							MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
		next += stack_size;
		stack.sp = next;
		stack.size = stack_size;
		return stack;
	}
	static void deallocate(boost::context::stack_context &)
	{
	}
};

Arena arena;
std::vector<boost::context::fiber> fibers;
ucontext_t main_context, inner_context;
Parcel *current;
volatile int never;

std::unique_ptr<Parcel> wrap(int depth)
{
	auto parcel = std::make_unique<Parcel>();

	parcel->address = "street number " + std::to_string(depth) + " of a long street";
	for (int i = 0; i < 12; i++)
		parcel->contents.push_back("thing " + std::to_string(i));
	if (depth > 0)
		parcel->inside = wrap(depth - 1);
	return parcel;
}

[[gnu::noinline]] int die(const Parcel &parcel, int depth)
{
	std::string words = parcel.address + " at depth " + std::to_string(depth);

	if (parcel.inside)
		return die(*parcel.inside, depth + 1) + static_cast<int>(words.size());
	return *reinterpret_cast<volatile int *>(depth ? 8UL : 16UL);
}

Task open(std::unique_ptr<Parcel> parcel, int depth)
{
	std::vector<int> weights(parcel->contents.size(), depth);

	weights.back() = 4711;
	if (depth > 0)
		co_return co_await Awaiting{ open(std::move(parcel->inside), depth - 1) };
	co_return die(*parcel, weights.back());
}

void in_ucontext()
{
	Task outermost = open(wrap(20), 6);

	outermost.handle.resume();
	never = outermost.handle.promise().value;
}

[[gnu::noinline]] void switch_to_ucontext(Parcel *parcel)
{
	void *stack = std::malloc(stack_size);

	current = parcel;
	getcontext(&inner_context);
	inner_context.uc_stack.ss_sp = stack;
	inner_context.uc_stack.ss_size = stack_size;
	inner_context.uc_link = &main_context;
	makecontext(&inner_context, in_ucontext, 0);
	swapcontext(&main_context, &inner_context);
}

boost::context::fiber in_fiber(int number, boost::context::fiber &&back)
{
	auto parcel = wrap(number % 10);
	char label[32];

	std::snprintf(label, sizeof label, "fiber %d", number);
	if (number == fiber_count - 1)
		switch_to_ucontext(parcel.get());
	back = std::move(back).resume();
	never = label[0];
	return std::move(back);
}

} // namespace

int main()
{
	for (int i = 0; i < fiber_count; i++) {
		fibers.emplace_back(std::allocator_arg, arena,
				    [i](boost::context::fiber &&back) {
					    return in_fiber(i, std::move(back));
				    });
		fibers.back() = std::move(fibers.back()).resume();
	}
	return 0;
}
