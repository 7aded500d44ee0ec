using System.Diagnostics;
using Recipes.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Benchmarks;

/// <summary>
/// SAM ViT-B with random weights at 1024 pixels on the processor. The aim: a peak below 4 GB with the weights, and attention no slower
/// than with all scores in memory.
/// </summary>
internal static class SamBenchmark
{
    /// <summary>All tables of SAM; the peak is that of the process so far, so run this benchmark alone to read it.</summary>
    public static IEnumerable<Table> Run(BenchmarkOptions options)
    {
        using var _ = no_grad();
        var size = options.Quick ? 256 : 1024;
        var rounds = options.Quick ? options.Rounds : Math.Min(options.Rounds, 5);
        Sam? built = null;
        var building = Table.Measure("", 0, 1, new Arm("build, random weights", () => Cost.Of(() => built = Sam.VitB.Build())));
        using var network = built!;
        using var image = randn(1, 3, size, size);
        using var embedding = network.ImageEncoder.call(image);
        using var points = ones(1, 1, 2);
        using var labels = ones(1, 1, dtype: ScalarType.Int64);
        var prompt = new SamPromptTensors(points, labels);
        var table = Table.Measure(
            "",
            1,
            rounds,
            new Arm("encode", () => Cost.Of(() => network.ImageEncoder.call(image).Dispose())),
            new Arm("decode a click", () => Cost.Of(() => Click(network, embedding, prompt)))
        );
        yield return new Table($"sam_vit_b at {size} pixels; peak of the process {Peak() / 1e9:F2} GB", [.. building.Rows, .. table.Rows]);
        yield return Attention("attention of a global block", size / 16, 12, rounds);
        yield return Attention("attention of a block of windows", 14, 12 * ((size / 16 + 13) / 14) * ((size / 16 + 13) / 14), rounds);
    }

    // Heads of 64 channels, as in all three sizes of SAM. The naive way comes first and raises the peak, which the title above has not.
    private static Table Attention(string title, long side, long heads, int rounds)
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = (randn(heads, side * side, 64), randn(heads, side * side, 64), randn(heads, side * side, 64));
        var (rows, columns) = (randn(side, side, 64) * 0.1, randn(side, side, 64) * 0.1);
        return Table.Measure(
            $"{title}: {heads} heads of {side} x {side} patches, all scores would be {heads * side * side * side * side * 4 / 1e6:F0} MB",
            1,
            rounds,
            new Arm("all scores in memory", () => Cost.Of(() => Naive(q, k, v, rows, columns).Dispose())),
            new Arm("in pieces, with a mask", () => Cost.Of(() => DecomposedAttention.Masked(q, k, v, rows, columns, 1 << 24).Dispose())),
            new Arm("positions as channels", () => Cost.Of(() => DecomposedAttention.Folded(q, k, v, rows, columns).Dispose()))
        );
    }

    private static Tensor Naive(Tensor q, Tensor k, Tensor v, Tensor rows, Tensor columns)
    {
        using var scope = NewDisposeScope();
        var (heads, tokens, side) = (q.shape[0], q.shape[1], rows.shape[0]);
        var map = q.reshape(heads, side, side, -1);
        var scores = (q / 8).matmul(k.transpose(1, 2)).view(heads, side, side, side, side);
        scores = scores + einsum("nhwc,hkc->nhwk", map, rows).unsqueeze(-1);
        scores = scores + einsum("nhwc,wkc->nhwk", map, columns).unsqueeze(-2);
        return scores.view(heads, tokens, tokens).softmax(-1).matmul(v).MoveToOuterDisposeScope();
    }

    private static void Click(Sam network, Tensor embedding, SamPromptTensors prompt)
    {
        var (logits, ious) = network.Decode(embedding, prompt);
        logits.Dispose();
        ious.Dispose();
    }

    private static long Peak()
    {
        using var self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }
}
