using Recipes.Data;
using Recipes.Display;
using Recipes.Layers;
using Recipes.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Reports;

/// <summary>A place in a picture, in parts of its width and height.</summary>
/// <param name="Image">The picture.</param>
/// <param name="X">0 at the left, 1 at the right.</param>
/// <param name="Y">0 at the top, 1 at the bottom.</param>
public sealed record PicturePlace(RgbImage Image, double X, double Y)
{
    /// <summary>The middle of a scene's main object.</summary>
    public static PicturePlace Main(Scene scene, int side = 64) =>
        new(new RgbImage(scene.Draw(side), side, side), scene.Main.X, scene.Main.Y);
}

/// <summary>What an encoder holds for alike: features at one place of a picture against those everywhere else in it.</summary>
public static class SimilarityMaps
{
    private const int Side = 96;
    private const int Places = 8; // a side, at least

    /// <summary>
    /// For each place the picture with a mark, and for each encoder the cosine of the features there and everywhere, from black (the least)
    /// to white.
    /// </summary>
    /// <param name="encoders">Names and encoders with feature maps (<see cref="IDenseBackbone"/>); their mode is restored.</param>
    /// <param name="places">The places.</param>
    /// <param name="preprocessing">What pictures go through first.</param>
    /// <returns>A row of pictures for each place.</returns>
    /// <exception cref="RecipesException">An encoder gives no feature maps.</exception>
    public static IReadOnlyList<PictureGrid> Show(
        IReadOnlyList<(string Name, Module<Tensor, Tensor> Encoder)> encoders,
        IReadOnlyList<PicturePlace> places,
        ImagePreprocessing preprocessing
    )
    {
        RecipesException.ThrowIfAny(
            "similarity maps: encoders without feature maps:",
            [
                .. encoders
                    .Where(e => e.Encoder is not IDenseBackbone)
                    .Select(e => $"{e.Name} is a {e.Encoder.GetType().Name}; give a ViT or a FastViT"),
            ]
        );
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return
        [
            .. places.Select(
                (place, i) =>
                    new PictureGrid(
                        $"Place {i + 1}: how alike each encoder holds the features there and everywhere",
                        encoders
                            .Select(e => new Picture(Of(e.Encoder, place, preprocessing), e.Name, alt: $"similarity according to {e.Name}"))
                            .Prepend(new Picture(Marked(place), "picture"))
                    )
            ),
        ];
    }

    /// <summary>Cosines of the features at a place and everywhere, <c>[h, w]</c>, of the encoder's last map of at least eight places a side, or of its first.</summary>
    /// <param name="encoder">An encoder with feature maps, in its present mode.</param>
    /// <param name="images">One image <c>[1, 3, H, W]</c>.</param>
    /// <param name="x">0 at the left, 1 at the right.</param>
    /// <param name="y">0 at the top, 1 at the bottom.</param>
    public static Tensor Cosines(IDenseBackbone encoder, Tensor images, double x, double y)
    {
        using var scope = NewDisposeScope();
        var maps = encoder.Maps(images);
        var fine = maps.LastOrDefault(m => Math.Min(m.shape[2], m.shape[3]) >= Places) ?? maps[0];
        var map = functional.normalize(fine[0].to(ScalarType.Float32), dim: 0); // [C, h, w]
        var (rows, columns) = (map.shape[1], map.shape[2]);
        var (row, column) = (Math.Clamp((long)(y * rows), 0, rows - 1), Math.Clamp((long)(x * columns), 0, columns - 1));
        return (map * map[.., row, column].reshape(-1, 1, 1)).sum([0]).MoveToOuterDisposeScope();
    }

    private static byte[] Of(Module<Tensor, Tensor> network, PicturePlace place, ImagePreprocessing preprocessing)
    {
        using var mode = new EvaluationMode(network);
        var input = preprocessing.Apply([place.Image]).to(network.parameters().First().device);
        return FeatureMaps.Gray(Cosines((IDenseBackbone)network, input, place.X, place.Y), Side);
    }

    private static byte[] Marked(PicturePlace place)
    {
        var image = place.Image.Resize(Side, Side);
        var rgb = (byte[])image.Rgb.Clone();
        var (x, y) = ((int)(place.X * Side), (int)(place.Y * Side));
        for (var d = -6; d <= 6; d++)
        {
            Paint(x + d, y);
            Paint(x, y + d);
        }
        return ImageBytes.ToPng(rgb, Side, Side);

        void Paint(int column, int row)
        {
            if (column is >= 0 and < Side && row is >= 0 and < Side)
                (rgb[3 * (row * Side + column)], rgb[3 * (row * Side + column) + 1], rgb[3 * (row * Side + column) + 2]) = (255, 0, 255);
        }
    }
}
