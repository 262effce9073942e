/* SPDX-License-Identifier: MIT */
/*
 * Arrays whose length stands beside the pointer to them: a std::vector, and a slice as Go has it. Noise
 * around them is more than any budget.
 */
#include <cstdlib>
#include <cstring>
#include <vector>

struct slice {
	long *array;
	long length, capacity;
};

static std::vector<char *> noise;

__attribute__((noinline, noclone)) static long
crash(const std::vector<long> *numbers, const std::vector<const char *> *names,
      const slice *squares)
{
	return *(volatile long *)8 + (*numbers)[0] + (*names)[0][0] + squares->array[0];
}

static void make_noise(std::size_t blocks)
{
	for (std::size_t i = 0; i < blocks; i++) {
		char *block = static_cast<char *>(std::malloc(100000));

		for (int k = 0; k < 100000; k++)
			block[k] = static_cast<char>(std::rand() >> 7);
		noise.push_back(block);
	}
}

int main()
{
	std::vector<long> numbers;
	std::vector<const char *> names;
	slice squares = { nullptr, 4000, 5000 };

	make_noise(100);
	for (long i = 0; i < 5000; i++)
		numbers.push_back(i * 3);
	for (int i = 0; i < 300; i++) {
		char *name = static_cast<char *>(std::malloc(32));

		std::strcpy(name, "name ");
		name[5] = static_cast<char>('A' + i % 26);
		name[6] = '\0';
		names.push_back(name);
	}
	squares.array = static_cast<long *>(std::calloc(5000, sizeof(long)));
	for (long i = 0; i < 4000; i++)
		squares.array[i] = i * i;
	make_noise(100);
	return static_cast<int>(crash(&numbers, &names, &squares));
}
