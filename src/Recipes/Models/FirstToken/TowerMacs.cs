using System.Collections.Concurrent;

namespace Recipes.Models;

/// <summary>
/// Multiply-accumulates of an encoder at any resolution, counted by hooks on real networks that run in a moment: layers of a
/// transformer all cost the same, so one and two of them tell the rest; a convolutional map costs in proportion to its positions, and
/// attention over it to their square, so two small images tell the rest.
/// </summary>
internal static class TowerMacs
{
    private static readonly ConcurrentDictionary<string, Lazy<Func<int, long>>> Known = new(StringComparer.Ordinal);

    public static long Of(VisionTower tower) =>
        Known.GetOrAdd(CanonicalJson.Text(tower.Spec), _ => new(() => Count(tower))).Value(tower.Resolution);

    private static Func<int, long> Count(VisionTower tower)
    {
        if (tower.Spec is FastVitSpec spec)
            return Map(tower, spec.Stride);
        var (one, two) = (Cost(tower, 1), Cost(tower, 2));
        return _ => one + (Layers(tower) - 1) * (two - one);
    }

    // c + a·s + b·s² for s strides of positions; where a map is rounded up, it is counted itself.
    private static Func<int, long> Map(VisionTower tower, int stride)
    {
        using var network = tower.Build();
        var (one, four) = (Profile.Of(network, 3, stride, stride), Profile.Of(network, 3, 2 * stride, 2 * stride));
        var (rest1, rest4) = (one.Macs - one.AttentionMacs, four.Macs - four.AttentionMacs);
        var each = (rest4 - rest1) / 3;
        var rounded = new ConcurrentDictionary<int, long>();
        return resolution =>
        {
            if (resolution % stride != 0)
                return rounded.GetOrAdd(resolution, r => Itself(tower, r));
            var s = (long)(resolution / stride) * (resolution / stride);
            return rest1 - each + each * s + one.AttentionMacs * s * s;
        };
    }

    private static long Itself(VisionTower tower, int resolution)
    {
        using var network = tower.Build();
        return Profile.Of(network, 3, resolution, resolution).Macs;
    }

    private static long Cost(VisionTower tower, int layers)
    {
        using var network = (
            tower with
            {
                Spec = tower.Spec switch
                {
                    ClipVisionSpec clip => clip with { Layers = layers },
                    var siglip => (SiglipSpec)siglip with { Layers = layers },
                },
            }
        ).Build();
        return Profile.Of(network, 3, tower.Resolution, tower.Resolution).Macs;
    }

    private static int Layers(VisionTower tower) => tower.Spec is ClipVisionSpec clip ? clip.Layers : ((SiglipSpec)tower.Spec).Layers;
}
