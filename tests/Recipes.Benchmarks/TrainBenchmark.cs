using Recipes.Layers;
using Recipes.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Benchmarks;

/// <summary>
/// A training step of MobileOne-S0 (k = 4): our default, the plain form (float32, contiguous, branch by branch), and PyTorch
/// in both memory formats where python3 has it. Steps include loss, backward and SGD with momentum and weight decay.
/// </summary>
internal static class TrainBenchmark
{
    public static IEnumerable<Table> Run(BenchmarkOptions options)
    {
        var (pixels, batch) = (options.Quick ? 32 : 64, options.Quick ? 16 : 128);
        List<Arm> arms =
        [
            new("plain: float32, contiguous, branch by branch", Step(pixels, batch, branchByBranch: true)),
            new("channels-last images, branch by branch", Step(pixels, batch, branchByBranch: true, channelsLast: true)),
            new("default: branches merged", Step(pixels, batch)),
            new("merged, channels-last images", Step(pixels, batch, channelsLast: true)),
        ];
        if (options.Bfloat16)
            arms.Add(new("bfloat16, channels-last images", Step(pixels, batch, channelsLast: true, bfloat16: true)));
        using var peer = PyTorchPeer.Start(pixels, batch, get_num_threads(), out var why);
        if (peer is null)
            Console.Error.WriteLine($"no PyTorch peer: {why}");
        else
            arms.AddRange(
                ((string[])["contiguous", "channels_last"]).Select(f => new Arm($"PyTorch {peer.Version}, {f}", () => peer.Step(f)))
            );
        yield return Table.Measure(
            $"Training step of MobileOne-S0, {pixels} px, batch {batch}, {get_num_threads()} threads",
            2,
            options.Rounds,
            arms
        );
    }

    private static Func<Cost> Step(int pixels, int batch, bool branchByBranch = false, bool channelsLast = false, bool bfloat16 = false)
    {
        manual_seed(1);
        var type = bfloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        var network = new MobileOne(MobileOne.S0(10));
        network.to(type);
        var optimizer = optim.SGD(network.parameters(), 0.01, momentum: 0.9, weight_decay: 1e-4);
        var images = channelsLast ? randn(batch, pixels, pixels, 3).permute(0, 3, 1, 2).to(type) : randn(batch, 3, pixels, pixels).to(type);
        var labels = randint(10, batch);
        return () =>
            Cost.Of(() =>
            {
                using var scope = NewDisposeScope();
                MobileOneBlock.BranchByBranch = branchByBranch;
                var loss = nn.functional.cross_entropy(network.call(images), labels);
                optimizer.zero_grad();
                loss.backward();
                optimizer.step();
                MobileOneBlock.BranchByBranch = false;
            });
    }
}
