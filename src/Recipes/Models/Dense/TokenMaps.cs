using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// What vision transformers share as backbones: tokens, row after row, as maps, and tables of positions for other grids.
internal static class TokenMaps
{
    /// <summary>The numbers of layers behind which to tap, from 1.</summary>
    public static int[] Taps(int layers, DenseTaps taps) =>
        taps == DenseTaps.Final ? [layers] : [.. Enumerable.Range(1, 4).Select(i => (layers * i + 3) / 4)];

    public static IReadOnlyList<FeatureMap> Describe(int width, int patch, DenseTaps taps) =>
        [.. Enumerable.Repeat(new FeatureMap(width, patch), taps == DenseTaps.Final ? 1 : 4)];

    /// <summary>The layer of a parameter: <c>blocks.i</c> is i + 1, the stem 0, what is behind the layers as the last.</summary>
    public static int LayerOf(string parameter, string blocks, int layers, params string[] behind)
    {
        var parts = parameter.Split('.');
        return parts[0] == blocks ? int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture) + 1
            : behind.Contains(parts[0]) ? layers
            : 0;
    }

    /// <summary>Runs the layers and gives the maps of the tapped ones.</summary>
    /// <param name="tokens"><c>[B, T, D]</c>, with <paramref name="extra"/> tokens in front that stand for no patch.</param>
    /// <param name="layers">The layers, one after another.</param>
    /// <param name="norm">What stands behind the last.</param>
    /// <param name="grid">Rows and columns of patches.</param>
    /// <param name="taps">Which.</param>
    /// <param name="extra">Tokens in front.</param>
    public static IReadOnlyList<Tensor> Run(
        Tensor tokens,
        Module<Tensor, Tensor> layers,
        Module<Tensor, Tensor> norm,
        (long Rows, long Columns) grid,
        DenseTaps taps,
        int extra = 0
    )
    {
        using var scope = NewDisposeScope();
        var parts = layers.children().Cast<Module<Tensor, Tensor>>().ToList();
        var wanted = Taps(parts.Count, taps);
        var (x, maps) = (tokens, new List<Tensor>());
        for (var layer = 1; layer <= parts.Count; layer++)
        {
            x = parts[layer - 1].call(x);
            foreach (var _ in wanted.Where(w => w == layer))
                maps.Add(Map(maps.Count == wanted.Length - 1 ? norm.call(x) : x));
        }
        return [.. maps.Select(m => m.MoveToOuterDisposeScope())];

        Tensor Map(Tensor y) => y[TensorIndex.Colon, extra..].transpose(1, 2).reshape(y.shape[0], y.shape[2], grid.Rows, grid.Columns);
    }

    /// <summary>The same in ONNX.</summary>
    public static IReadOnlyList<OnnxValue> Run(
        OnnxGraph graph,
        OnnxValue tokens,
        Module<Tensor, Tensor> layers,
        Module<Tensor, Tensor> norm,
        (long Rows, long Columns) grid,
        DenseTaps taps,
        int extra = 0
    )
    {
        var parts = layers.children().ToList();
        var wanted = Taps(parts.Count, taps);
        var (x, maps) = (tokens, new List<OnnxValue>());
        for (var layer = 1; layer <= parts.Count; layer++)
        {
            x = graph.Call(parts[layer - 1], x);
            foreach (var _ in wanted.Where(w => w == layer))
                maps.Add(Map(maps.Count == wanted.Length - 1 ? graph.Call(norm, x) : x));
        }
        return maps;

        OnnxValue Map(OnnxValue y)
        {
            var patches = extra == 0 ? y : y.Narrow(1, extra, grid.Rows * grid.Columns);
            return patches.Transpose(1, 2).Reshape(y.Shape[0], y.Shape[2], grid.Rows, grid.Columns);
        }
    }

    /// <summary>A table of positions of a square grid for another grid, bicubic between the places of the square (as ViTDet and DeiT do it).</summary>
    /// <param name="table"><c>[1, S², D]</c>.</param>
    /// <param name="grid">Rows and columns.</param>
    /// <returns><c>[1, rows·columns, D]</c>, in the caller's scope; the table itself where the grid is its own.</returns>
    public static Tensor Positions(Tensor table, (long Rows, long Columns) grid)
    {
        var side = (long)Math.Round(Math.Sqrt(table.shape[1]));
        if (grid == (side, side))
            return table;
        var square = table.reshape(1, side, side, -1).permute(0, 3, 1, 2);
        var other = functional.interpolate(square, size: [grid.Rows, grid.Columns], mode: InterpolationMode.Bicubic, align_corners: false);
        return other.flatten(2).transpose(1, 2);
    }

    /// <summary>Refuses images whose sides are no multiples of the patches, because what does not fill a patch would get no prediction.</summary>
    public static void Check(string network, IReadOnlyList<long> shape, int patch)
    {
        if (shape[2] % patch != 0 || shape[3] % patch != 0)
            throw new RecipesException(
                $"{network}: dense prediction with patches of {patch} pixels: expected sides that are multiples of {patch}, found {shape[2]} x {shape[3]}. Resize or pad the images."
            );
    }
}
