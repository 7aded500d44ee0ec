using Recipes.Onnx;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// As an encoder for dense heads; the class token takes part and is dropped in the end.
public sealed partial class ClipVision : IDenseBackbone
{
    /// <inheritdoc/>
    public int LayerCount => Spec.Layers;

    /// <inheritdoc/>
    public int LayerOf(string parameter) =>
        parameter.StartsWith("transformer.", StringComparison.Ordinal)
            ? TokenMaps.LayerOf(parameter["transformer.".Length..], "resblocks", Spec.Layers)
            : TokenMaps.LayerOf(parameter, "", Spec.Layers, "ln_post", "proj", "proj_bias");

    /// <inheritdoc/>
    public IReadOnlyList<FeatureMap> FeatureMaps(DenseTaps taps) => TokenMaps.Describe(Spec.Width, Spec.Patch, taps);

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Maps(Tensor input, DenseTaps taps = DenseTaps.Final)
    {
        ImageInput.Check(input, Spec.Name);
        TokenMaps.Check(Spec.Name, input.shape, Spec.Patch);
        using var scope = NewDisposeScope();
        var map = _patches.call(input);
        var grid = (map.shape[2], map.shape[3]);
        var patches = map.flatten(2).transpose(1, 2);
        var tokens = cat([_class.expand(input.shape[0], 1, -1), patches], 1) + Positions(grid);
        return [.. TokenMaps.Run(_before.call(tokens), Blocks, _after, grid, taps, extra: 1).Select(m => m.MoveToOuterDisposeScope())];
    }

    /// <inheritdoc/>
    public IReadOnlyList<OnnxValue> Maps(OnnxGraph graph, OnnxValue input, DenseTaps taps = DenseTaps.Final)
    {
        TokenMaps.Check(Spec.Name, [1, 3, input.Size(2), input.Size(3)], Spec.Patch);
        var map = graph.Call(_patches, input);
        var grid = (map.Size(2), map.Size(3));
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var first = graph.Weight("class_embedding", _class).Expand(input.Shape[0], 1, Spec.Width);
        var tokens =
            graph.Concat(1, first, map.Flatten(2).Transpose(1, 2)) + graph.Derived("positional_embedding", Positions(grid).clone());
        return TokenMaps.Run(graph, graph.Call(_before, tokens), Blocks, _after, grid, taps, extra: 1);
    }

    private Module<Tensor, Tensor> Blocks => (Module<Tensor, Tensor>)_transformer.children().Single();

    // The class token's row and those of a grid of patches, [1, T + 1, D].
    private Tensor Positions((long Rows, long Columns) grid) =>
        cat(
            [
                _positions.narrow(0, 0, 1).unsqueeze(0),
                TokenMaps.Positions(_positions.narrow(0, 1, _positions.shape[0] - 1).unsqueeze(0), grid),
            ],
            1
        );
}
