/* SPDX-License-Identifier: MIT */
/*
 * C++ as it is written: containers, virtual classes, smart pointers, lambdas. It crashes in
 * the handler of an exception, after another one was thrown and caught while it was in flight.
 */
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

class shape
{
      public:
	explicit shape(std::string name) : name_(std::move(name))
	{
	}
	virtual ~shape() = default;
	virtual double area() const = 0;

      protected:
	std::string name_;
};

class circle : public shape
{
      public:
	circle(std::string name, double radius) : shape(std::move(name)), radius_(radius)
	{
	}
	double area() const override
	{
		return radius_ * radius_ * 3.14159;
	}

      private:
	double radius_;
};

class sheet : public shape
{
      public:
	sheet(std::string name, double width, double height)
	    : shape(std::move(name)), width_(width), height_(height)
	{
	}
	double area() const override
	{
		return width_ * height_;
	}

      private:
	double width_, height_;
};

struct order {
	int number;
	std::string customer;
	std::vector<std::unique_ptr<shape>> shapes;
	std::map<std::string, int> pieces;
	order *previous;
};

class order_error : public std::runtime_error
{
      public:
	order_error(const std::string &what, std::shared_ptr<order> which)
	    : std::runtime_error(what), which_(std::move(which))
	{
	}
	const std::shared_ptr<order> &which() const
	{
		return which_;
	}

      private:
	std::shared_ptr<order> which_;
};

std::map<int, std::shared_ptr<order>> orders;
std::unordered_map<std::string, std::vector<int>> by_customer;
std::string state = "of the link, and long enough to be on the heap";
thread_local int depth_of_thread = 1;
thread_local std::string note_of_thread;
volatile int never;

#define DISTINCT __attribute__((noinline, noclone))

DISTINCT static void crash_in_handler(const order_error &error, const order *which)
{
	std::string text = std::string("cannot price: ") + error.what();
	const shape *first = which->shapes.front().get();
	auto begin = which->pieces.begin();

	if (first->area() > 0)
		*reinterpret_cast<volatile int *>(0x10) =
			begin->second + int(text.size());
	never = int(text.size());
}

DISTINCT static double price(const std::shared_ptr<order> &which,
			     const std::function<double(const shape &)> &of)
{
	double sum = 0;

	for (const auto &each : which->shapes)
		sum += of(*each);
	depth_of_thread++;
	if (sum > 100)
		throw order_error("order " + std::to_string(which->number) +
					  " is too large",
				  which);
	return sum;
}

/* Its destructor runs while an exception is in flight. */
struct sentry {
	const std::string &name;
	std::vector<int> seen;
	~sentry()
	{
		try {
			throw std::runtime_error("while another is in flight, " + name);
		} catch (const std::exception &inner) {
			note_of_thread = inner.what();
			never = int(seen.size());
		}
	}
};

DISTINCT static double price_all(int from, int to)
{
	double total = 0;
	std::map<std::string, double> totals;
	auto of = [&total, &totals, from](const shape &each) {
		total += each.area();
		totals["from " + std::to_string(from)] = total;
		return each.area();
	};

	for (int number = from; number < to; number++) {
		auto which = orders.at(number);
		sentry guard{ which->customer, by_customer[which->customer] };

		try {
			total += price(which, of);
		} catch (const order_error &error) {
			crash_in_handler(error, which.get());
		}
	}
	return total;
}

struct schedule {
	virtual ~schedule() = default;
	virtual double run(int from, std::vector<const order *> &seen) = 0;
	std::unique_ptr<schedule> inner;
};

/* Two classes that call each other by virtual functions, with containers in every frame. */
struct by_number : schedule {
	double run(int from, std::vector<const order *> &seen) override
	{
		std::shared_ptr<order> mine = orders.at(from);
		std::map<int, std::vector<std::string>> labels;
		std::pair<const order *, double> best{ mine->previous, 0 };

		seen.push_back(mine.get());
		for (const auto &each : mine->pieces)
			labels[each.second].push_back(each.first);
		best.second = inner ? inner->run(from + 1, seen) : price_all(from, 20000);
		return best.second + double(labels.size());
	}
};

struct by_name : schedule {
	double run(int from, std::vector<const order *> &seen) override
	{
		const order &mine = *orders.at(from * 2);
		std::weak_ptr<order> kept = orders.at(from * 3);
		const std::vector<int> &others = by_customer[mine.customer];
		std::unordered_map<std::string, const order *> index{
			{ mine.customer, &mine },
			{ "before " + mine.customer, mine.previous }
		};
		auto next = [this, &index, &seen](int number) {
			const shape *first = seen.back()->shapes.back().get();

			return first->area() + (inner ? inner->run(number, seen)
						      : price_all(number, 20000));
		};

		return next(from + 1) + double(others.size() + index.size());
	}
};

DISTINCT static double start(int depth)
{
	std::unique_ptr<schedule> outermost;
	std::vector<const order *> seen;

	for (int i = 0; i < depth; i++) {
		std::unique_ptr<schedule> made;

		if (i % 2)
			made = std::make_unique<by_number>();
		else
			made = std::make_unique<by_name>();
		made->inner = std::move(outermost);
		outermost = std::move(made);
	}
	return outermost->run(300, seen);
}

DISTINCT static std::shared_ptr<order> make(int number, order *previous)
{
	auto made = std::make_shared<order>();

	made->number = number;
	made->customer = "customer number " + std::to_string(number % 97);
	made->previous = previous;
	for (int i = 0; i < 5; i++) {
		std::string name = "shape " + std::to_string(i) + " of a long name";

		if ((number + i) % 2)
			made->shapes.push_back(std::make_unique<circle>(name, 0.5 + i));
		else
			made->shapes.push_back(std::make_unique<sheet>(
				name, i, number % 400 == 399 ? 90 : 2));
		made->pieces[name] = i;
	}
	return made;
}

int main(int argc, char **argv)
{
	std::vector<std::string> arguments(argv, argv + argc);
	order *previous = nullptr;

	state = "of the run, and long enough to be on the heap as well";
	for (int number = 0; number < 20000; number++) {
		auto made = make(number, previous);

		previous = made.get();
		by_customer[made->customer].push_back(number);
		orders[number] = std::move(made);
	}
	never = int(start(16));
	return 0;
}
