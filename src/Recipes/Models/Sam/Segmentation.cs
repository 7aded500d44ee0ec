using System.Globalization;
using Recipes.Data;
using Recipes.Display;

namespace Recipes.Models;

/// <summary>Masks of one picture. It holds no tensors.</summary>
/// <param name="Image">The picture.</param>
/// <param name="Objects">What each prompt gave, in the order of the prompts.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record Segmentation(RgbImage Image, IReadOnlyList<SegmentedObject> Objects) : IDisplay
{
    /// <summary>The masks of all objects.</summary>
    public IReadOnlyList<SamMask> Masks => [.. Objects.SelectMany(o => o.Masks)];

    /// <summary>The mask of the highest predicted IoU.</summary>
    public SamMask Best => Masks.MaxBy(m => m.PredictedIou)!;

    /// <summary>The picture with its masks and prompts drawn in: one picture for each mask of a single object, else one of all objects' best masks.</summary>
    public IReadOnlyList<Picture> Pictures() =>
        Objects.Count == 1
            ? [.. Objects[0].Masks.Select((mask, i) => Draw($"mask {i + 1}: {Describe(mask)}", [(Objects[0].Prompt, mask)]))]
            : [Draw($"{Objects.Count} objects, the best mask of each", [.. Objects.Select(o => (o.Prompt, o.Best))])];

    /// <summary>The pictures and the table of masks.</summary>
    public string ToHtml() => new Blocks(new PictureGrid(Caption, Pictures()), Table()).ToHtml();

    /// <summary>The table of masks.</summary>
    public override string ToString() => $"{Caption}\n{Table()}";

    private string Caption => $"{Image.Width} × {Image.Height}, {Objects.Count} {(Objects.Count == 1 ? "object" : "objects")}";

    private Picture Draw(string caption, IReadOnlyList<(SamPrompt Prompt, SamMask Mask)> layers) =>
        new(SamOverlay.Png(Image, layers), caption, alt: $"The picture with {caption}");

    private static string Describe(SamMask mask) =>
        string.Create(CultureInfo.InvariantCulture, $"predicted IoU {mask.PredictedIou:F2}, {mask.Share:P1} of the picture");

    private Table Table() =>
        Display.Table.From(
            Objects.SelectMany((o, i) => o.Masks.Select((mask, m) => (Object: i + 1, Number: m + 1, Mask: mask))),
            (Column.Number("Object"), r => r.Object),
            (Column.Number("Mask"), r => r.Number),
            (Column.Number("Predicted IoU"), r => Math.Round(r.Mask.PredictedIou, 3)),
            (Column.Number("Share", "%"), r => Math.Round(100 * r.Mask.Share, 2)),
            (Column.Text("Left, top, right, bottom"), r => $"{r.Mask.Box.Left}, {r.Mask.Box.Top}, {r.Mask.Box.Right}, {r.Mask.Box.Bottom}")
        );
}
