namespace Recipes.Benchmarks;

/// <summary>How long to measure.</summary>
/// <param name="Rounds">Interleaved rounds after warming up.</param>
/// <param name="Quick">Small sizes: to see that the benchmarks run, not to learn from them.</param>
/// <param name="Bfloat16">Also measures bfloat16, which takes minutes on processors without it.</param>
internal sealed record BenchmarkOptions(int Rounds, bool Quick, bool Bfloat16);
