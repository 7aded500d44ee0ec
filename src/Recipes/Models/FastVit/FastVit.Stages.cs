using Recipes.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Models;

/// <summary>Where a <see cref="FastVit"/> is tapped for dense prediction.</summary>
public enum StageTaps
{
    /// <summary>
    /// Behind parts 0, 2, 4 and 6 of <c>network</c>, as the official code has it. With attention in the last stage part 6 is the
    /// position encoding before it, so the last stage itself is missed (ml-fastvit, pull request 4).
    /// </summary>
    Official,

    /// <summary>Behind every stage.</summary>
    Stages,
}

public sealed partial class FastVit
{
    /// <summary>
    /// The feature maps of the stages, finest first, for heads of segmentation and detection (paper, sec. 4.4). The official code
    /// puts a fresh batch normalisation behind each, which belongs to the head that is trained.
    /// </summary>
    /// <param name="input">Images <c>[B, 3, H, W]</c>.</param>
    /// <param name="taps">Where.</param>
    /// <returns>
    /// For stage i, from 0, <c>[B, Ci, ⌈H/(s·2^i)⌉, ⌈W/(s·2^i)⌉]</c> with the stem's stride s, 4 but in small networks. They
    /// belong to the caller's scope.
    /// </returns>
    public IReadOnlyList<Tensor> Stages(Tensor input, StageTaps taps = StageTaps.Official)
    {
        ImageInput.Check(input, Spec.Name);
        using var scope = NewDisposeScope();
        var maps = new List<Tensor>();
        var x = _stem.call(input);
        foreach (var (part, index) in _network.children().Select((p, i) => (p, i)))
        {
            x = ((nn.Module<Tensor, Tensor>)part).call(x);
            if (taps == StageTaps.Official ? index % 2 == 0 : part is not (Downsample or RepCpe))
                maps.Add(x);
        }
        return [.. maps.Take(Spec.Depths.Length).Select(m => m.MoveToOuterDisposeScope())];
    }
}
