using System.Diagnostics;
using Recipes.Layers;
using Recipes.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Benchmarks;

/// <summary>
/// Qwen2 0.5B with random weights on the processor. The aims: the 100th token takes at most 1.2 times the 10th, memory stays
/// within 1.3 times the weights, and a prompt of 256 tokens within 25 % of as many multiplications in one matrix product.
/// </summary>
internal static class DecoderBenchmark
{
    private const int Prompt = 256;

    /// <summary>All tables of the decoder.</summary>
    public static IEnumerable<Table> Run(BenchmarkOptions options)
    {
        using var _ = inference_mode();
        var spec = options.Quick ? Qwen2.B05().WithLayers(2).WithVocabulary(8192) : Qwen2.B05();
        Decoder? built = null;
        var building = Table.Measure("", 0, 1, new Arm("build, random weights", () => Cost.Of(() => built = spec.Build())));
        using var network = built!;
        network.eval();
        using var ids = randint(spec.Vocabulary, [1, Prompt]);
        using (network.Next(ids))
        {
            // One prompt, for the memory that it takes.
        }
        var tokens = Tokens(network, ids, options.Rounds);
        var peak = Peak();
        var weights = 4.0 * spec.Parameters;
        yield return tokens with
        {
            Title =
                $"{spec.Name}, {spec.Parameters / 1e6:F1} M parameters, one token with the cache; memory at its peak {peak / 1e6:F0} MB, "
                + $"{peak / weights:F2} times the weights",
        };
        yield return Prefill(network, spec, ids, options.Rounds);
        yield return Types(network, spec, ids, options.Rounds);
        var touch = Table.Measure("", 0, 1, new Arm("first touch of as many bytes", () => Cost.Of(() => Touch(spec.Parameters))));
        yield return new Table("building the network", [.. touch.Rows, .. building.Rows]);
    }

    private static Table Tokens(Decoder network, Tensor ids, int rounds)
    {
        using var early = Filled(network, ids, 9);
        using var late = Filled(network, ids, 99);
        using var next = ids[.., ..1];
        return Table.Measure(
            "",
            2,
            rounds,
            new Arm("token 10", () => Step(network, next, early, 9)),
            new Arm("token 100", () => Step(network, next, late, 99))
        );
    }

    // Half the bytes for each token; the arithmetic of a prompt in another unit of the processor.
    private static Table Types(Decoder network, DecoderSpec spec, Tensor ids, int rounds)
    {
        using var half = spec.Build();
        half.eval();
        half.to(ScalarType.BFloat16);
        using var cache = Filled(network, ids, 9);
        using var halfCache = Filled(half, ids, 9);
        using var next = ids[.., ..1];
        return Table.Measure(
            $"{spec.Name}, float32 against bfloat16",
            1,
            rounds,
            new Arm("token, float32", () => Step(network, next, cache, 9)),
            new Arm("token, bfloat16", () => Step(half, next, halfCache, 9)),
            new Arm("prompt, float32", () => Cost.Of(() => network.Next(ids).Dispose())),
            new Arm("prompt, bfloat16", () => Cost.Of(() => half.Next(ids).Dispose()))
        );
    }

    // A cache that was filled token by token, as generation does.
    private static KeyValueCache Filled(Decoder network, Tensor ids, int tokens)
    {
        var cache = network.Cache();
        for (var i = 0; i < tokens; i++)
        {
            using var scope = NewDisposeScope();
            network.Hidden(network.Embed(ids[.., i..(i + 1)]), cache: cache);
        }
        return cache;
    }

    private static Cost Step(Decoder network, Tensor next, KeyValueCache cache, int length)
    {
        cache.Keep(length);
        return Cost.Of(() => network.Next(next, cache).Dispose());
    }

    private static Table Prefill(Decoder network, DecoderSpec spec, Tensor ids, int rounds)
    {
        var macs = spec.Macs(Prompt, 1);
        var side = (long)Math.Round(Math.Cbrt(macs));
        using var left = randn(side, side);
        using var right = randn(side, side);
        using var wide = randn(Prompt, spec.Inner);
        using var narrow = randn(Prompt, spec.Width);
        var matrices = network.named_parameters().Where(p => p.parameter.dim() == 2 && !p.name.Contains("embed")).ToList();
        return Table.Measure(
            $"{spec.Name}, prompt of {Prompt} tokens, {macs / 1e9:F1} G multiplications",
            1,
            rounds,
            new Arm("as many in one matrix product", () => Cost.Of(() => left.matmul(right).Dispose())),
            new Arm("its own matrix products", () => Cost.Of(Products)),
            new Arm("the prompt", () => Cost.Of(() => network.Next(ids).Dispose()))
        );

        void Products()
        {
            foreach (var (_, matrix) in matrices)
                nn.functional.linear(matrix.shape[1] == spec.Width ? narrow : wide, matrix).Dispose();
        }
    }

    internal static void Touch(long numbers)
    {
        using var memory = empty(numbers);
        memory.zero_();
    }

    private static long Peak()
    {
        using var self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }
}
