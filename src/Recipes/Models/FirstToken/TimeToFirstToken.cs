using Recipes.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Models;

/// <summary>Measures encoders and whole models side by side, on random weights and pixels.</summary>
/// <remarks>
/// Weights, images and activations are bfloat16, images channels-last: on processors with bfloat16 arithmetic the faster choice for
/// every network here, convolutional or not. Parts that models share are measured once. Networks of one call are in memory together.
/// </remarks>
public static class TimeToFirstToken
{
    /// <summary>Times encoders on one image each, all taking turns.</summary>
    /// <param name="towers">The encoders.</param>
    /// <param name="rounds">Measured passes of each.</param>
    /// <param name="warmup">Passes before that.</param>
    /// <param name="dtype">Type of the weights and the images.</param>
    /// <param name="cancellation">Stops between passes.</param>
    public static IReadOnlyList<TowerTime> Encoders(
        IReadOnlyList<VisionTower> towers,
        int rounds = 5,
        int warmup = 1,
        ScalarType dtype = ScalarType.BFloat16,
        CancellationToken cancellation = default
    )
    {
        using var scope = NewDisposeScope();
        using var _ = inference_mode();
        using var parts = new TimedParts(dtype);
        var places = towers.Select(t => parts.Encoder(t, 1)).ToList();
        var times = Latency.Compare(parts.Work, rounds, warmup, cancellation);
        return [.. towers.Select((t, i) => new TowerTime(t, times[places[i]]))];
    }

    /// <summary>Times models from the image to the first token, all their parts taking turns.</summary>
    /// <param name="works">What to compute.</param>
    /// <param name="rounds">Measured passes of each part.</param>
    /// <param name="warmup">Passes before that.</param>
    /// <param name="dtype">Type of weights, images and activations.</param>
    /// <param name="cancellation">Stops between passes.</param>
    public static IReadOnlyList<FirstTokenTime> Measure(
        IReadOnlyList<FirstToken> works,
        int rounds = 3,
        int warmup = 0,
        ScalarType dtype = ScalarType.BFloat16,
        CancellationToken cancellation = default
    )
    {
        using var scope = NewDisposeScope();
        using var _ = inference_mode();
        using var parts = new TimedParts(dtype);
        var places = works
            .Select(w =>
                (Encoder: parts.Encoder(w.Tower, w.Crops), Connector: parts.Connector(w), Prefill: parts.Prefill(w.Language, w.ImageTokens))
            )
            .ToList();
        FreedMemory.Keep();
        var times = Latency.Compare(parts.Work, rounds, warmup, cancellation);
        return [.. works.Zip(places, (w, p) => new FirstTokenTime(w, times[p.Encoder], times[p.Connector], times[p.Prefill]))];
    }
}
