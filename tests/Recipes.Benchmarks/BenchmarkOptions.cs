namespace Recipes.Benchmarks;

/// <summary>How long to measure.</summary>
/// <param name="Rounds">Interleaved rounds after warming up.</param>
/// <param name="Quick">Small sizes: to see that the benchmarks run, not to learn from them.</param>
internal sealed record BenchmarkOptions(int Rounds, bool Quick);
