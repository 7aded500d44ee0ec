using System.Globalization;
using Recipes.Data;
using Recipes.Display;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reports;

/// <summary>Feature maps as pictures.</summary>
public static class FeatureMaps
{
    private const int Side = 96;

    /// <summary>For each map the mean size of its channels, and the channels that vary most over the picture, from black (least) to white.</summary>
    /// <param name="maps">Maps of one picture, <c>[1, C, H, W]</c> each, for example those of <see cref="Models.FastVit.Stages"/>.</param>
    /// <param name="channels">Channels of each map to show.</param>
    public static PictureGrid Show(IReadOnlyList<Tensor> maps, int channels = 3)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return new PictureGrid(
            "Each stage's mean size of features, then its liveliest channels; a row of pixels for each row of the map.",
            maps.SelectMany((map, stage) => Stage(map[0].to(ScalarType.Float32), stage, channels)).ToList()
        );
    }

    private static IEnumerable<Picture> Stage(Tensor map, int stage, int channels)
    {
        var shape = $"{map.shape[0]} x {map.shape[1]} x {map.shape[2]}";
        yield return Draw(map.abs().mean([0]), $"stage {stage + 1}, mean", shape);
        var (_, liveliest) = map.flatten(1).std(1).topk((int)Math.Min(channels, map.shape[0]));
        foreach (var channel in liveliest.data<long>().ToArray())
            yield return Draw(map[channel], $"stage {stage + 1}, no. {channel.ToString(CultureInfo.InvariantCulture)}", shape);
    }

    /// <summary>A plane <c>[H, W]</c> as a PNG file, from black (least) to white, each value a block of pixels.</summary>
    internal static byte[] Gray(Tensor plane, int side)
    {
        var (least, most) = (plane.min().item<float>(), plane.max().item<float>());
        var sized = nn.functional.interpolate(plane.unsqueeze(0).unsqueeze(0), [side, side], mode: InterpolationMode.Nearest);
        var values = ((sized - least) * (255 / Math.Max(most - least, 1e-12f))).to(ScalarType.Byte).flatten().cpu().data<byte>().ToArray();
        return ImageBytes.ToPng(values.SelectMany(v => new[] { v, v, v }).ToArray(), side, side);
    }

    private static Picture Draw(Tensor plane, string caption, string note) => new(Gray(plane, Side), caption, note);
}
