using Recipes.Layers;
using Recipes.Models;
using Recipes.Verbs;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Reproductions;

/// <summary>The latency of one network or block among its peers, at one resolution.</summary>
/// <param name="Name">What was timed.</param>
/// <param name="Resolution">Pixels a side of the image.</param>
/// <param name="Latency">Time of one image, measured in turns with the peers of the resolution.</param>
public sealed record MixerRow(string Name, int Resolution, Latency Latency);

/// <summary>Times token mixers at equal everything else (FastViT, fig. 3).</summary>
public static class MixerTable
{
    /// <summary>Folded networks that differ in their token mixer alone, resolution by resolution.</summary>
    /// <param name="network">The network whose mixer changes.</param>
    /// <param name="mixers">Which mixers.</param>
    /// <param name="resolutions">Pixels a side.</param>
    /// <param name="rounds">Timed passes of each network.</param>
    /// <param name="attentionUpTo">The largest resolution of attention, whose time grows with the fourth power of it.</param>
    public static IReadOnlyList<MixerRow> Networks(
        FastVitSpec network,
        IReadOnlyList<TokenMixer> mixers,
        IReadOnlyList<int> resolutions,
        int rounds = 10,
        int attentionUpTo = 512
    )
    {
        var folded = new List<(TokenMixer Mixer, Module<Tensor, Tensor> Network)>();
        try
        {
            folded.AddRange(mixers.Select(m => (m, Fold(network.WithMixer(m).Build()))));
            return
            [
                .. resolutions.SelectMany(side =>
                {
                    var peers = folded.Where(f => f.Mixer != TokenMixer.Attention || side <= attentionUpTo).ToList();
                    var times = Latency.Compare([.. peers.Select(p => p.Network)], [1, 3, side, side], rounds, warmup: 1);
                    return peers.Zip(times, (peer, time) => new MixerRow(Name(peer.Mixer), side, time));
                }),
            ];
        }
        finally
        {
            folded.ForEach(f => f.Network.Dispose());
        }
    }

    /// <summary>
    /// The mixers of a first stage alone, so that a skip connection and branches show: RepMixer as it trains, the same without
    /// branches, folded but for its skip, and folded.
    /// </summary>
    /// <param name="channels">Channels of the stage.</param>
    /// <param name="resolutions">Pixels a side of the image; the stage has a quarter.</param>
    /// <param name="rounds">Timed passes of each.</param>
    public static IReadOnlyList<MixerRow> Alone(int channels, IReadOnlyList<int> resolutions, int rounds = 50)
    {
        Module<Tensor, Tensor>[] blocks =
        [
            new RepMixer(channels),
            new RepMixer(channels, branches: false),
            Fold(new ConvolutionMixer(channels)),
            Fold(new RepMixer(channels)),
        ];
        Array.ForEach(blocks, b => b.eval());
        try
        {
            return
            [
                .. resolutions.SelectMany(side =>
                    Latency
                        .Compare(blocks, [1, channels, side / 4, side / 4], rounds)
                        .Zip(Forms, (time, name) => new MixerRow(name, side, time))
                ),
            ];
        }
        finally
        {
            Array.ForEach(blocks, b => b.Dispose());
        }
    }

    /// <summary>What <see cref="Alone"/> times: branches and skip, skip, convolution and skip, one convolution.</summary>
    public static IReadOnlyList<string> Forms { get; } = ["train-time", "one branch", "folded, skip kept", "folded"];

    /// <summary>A mixer in words.</summary>
    public static string Name(TokenMixer mixer) =>
        mixer switch
        {
            TokenMixer.RepMixer => "RepMixer",
            TokenMixer.Convolution => "convolution + skip",
            _ => mixer.ToString().ToLowerInvariant(),
        };

    /// <summary>By how many percent a row's median is above another's of the same resolution; negative is faster.</summary>
    /// <exception cref="NotAttemptedException">One of them was not timed at this resolution.</exception>
    public static double Percent(this IEnumerable<MixerRow> rows, string name, string than, int resolution)
    {
        var all = rows.ToList();
        return 100 * (Of(name) / Of(than) - 1);

        double Of(string wanted) =>
            all.Find(r => r.Name == wanted && r.Resolution == resolution)?.Latency.Median
            ?? throw new NotAttemptedException($"{wanted} was not timed at {resolution} pixels at this scale");
    }

    private static Module<Tensor, Tensor> Fold(Module<Tensor, Tensor> module)
    {
        module.eval();
        Modules.Fold(module);
        return module;
    }
}
