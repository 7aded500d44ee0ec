using Recipes.Layers;
using Recipes.Onnx;
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

public sealed partial class FastVit : IDenseBackbone
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

    /// <inheritdoc/>
    public int LayerCount => Spec.Depths.Length;

    /// <inheritdoc/>
    public int LayerOf(string parameter)
    {
        var parts = parameter.Split('.');
        if (parts[0] == "patch_embed")
            return 0;
        if (parts[0] != "network")
            return LayerCount;
        // A stage and what leads to it are one layer.
        var index = int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture);
        return 1 + _network.children().Take(index + 1).Count(part => part is Downsample);
    }

    /// <inheritdoc/>
    public IReadOnlyList<FeatureMap> FeatureMaps(DenseTaps taps) =>
        [.. Spec.Widths.Select((width, stage) => new FeatureMap(width, Spec.StemStride << stage))];

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Maps(Tensor input, DenseTaps taps = DenseTaps.Final) => Stages(input, StageTaps.Stages);

    /// <inheritdoc/>
    public IReadOnlyList<OnnxValue> Maps(OnnxGraph graph, OnnxValue input, DenseTaps taps = DenseTaps.Final)
    {
        var maps = new List<OnnxValue>();
        var x = graph.Call(_stem, input);
        foreach (var part in _network.children())
        {
            x = graph.Call(part, x);
            if (part is not (Downsample or RepCpe))
                maps.Add(x);
        }
        return maps;
    }
}
