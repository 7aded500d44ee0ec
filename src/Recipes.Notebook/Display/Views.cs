using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.FSharp.Collections;
using Plotly.NET;
using Recipes.Data;
using Recipes.Display;
using Recipes.Models;
using Recipes.Reproductions;
using SkiaSharp;
using TorchSharp;

namespace Recipes.Notebook.Display;

// How values look whose types are not ours to give a ToHtml().
internal static class Views
{
    /// <summary>The types that <see cref="Of(object)"/> always knows.</summary>
    public static IReadOnlyList<Type> Types { get; } =
    [
        typeof(FSharpList<>),
        typeof(FSharpSet<>),
        typeof(IEnumerable<Claim>),
        typeof(torch.Tensor),
        typeof(torch.nn.Module),
        typeof(GenericChart),
        typeof(IImageSet),
        typeof(SKBitmap),
        typeof(SKImage),
        typeof(Exception),
        typeof(JsonNode),
        typeof(JsonElement),
    ];

    /// <summary>The value's view, or null.</summary>
    public static IDisplay? Of(object value) =>
        value switch
        {
            IDisplay own => own,
            torch.Tensor tensor => tensor.View(),
            torch.nn.Module module => module.Tree(),
            GenericChart chart => new PlotlyBlock(chart),
            IEnumerable<Claim> claims => ClaimsTable.From(claims),
            IImageSet images => DataPreview.Pictures(images),
            SKBitmap bitmap => Of(bitmap),
            SKImage image => Png(image),
            Exception e => new ExceptionView(e),
            JsonNode or JsonElement => new JsonView(value),
            _ => FSharpView.Of(value) ?? RowsView.Of(value) ?? (IDisplay?)SequenceView.Of(value),
        };

    /// <summary>A few words, for a value inside another one; null where the view itself is short.</summary>
    public static string? Short(object value) =>
        value switch
        {
            torch.Tensor { IsInvalid: true } => "disposed tensor",
            torch.Tensor tensor => $"{tensor.dtype.ToString().ToLowerInvariant()} [{string.Join(", ", tensor.shape)}]",
            torch.nn.Module module => $"{module.GetType().Name}, {module.parameters().Sum(p => p.numel()):#,0} parameters",
            Exception e => $"{e.GetType().Name}: {e.Message}",
            GenericChart => "chart",
            IImageSet images => $"{images.Name}, {images.Count:#,0} pictures",
            SKBitmap bitmap => $"picture of {bitmap.Width} × {bitmap.Height}",
            SKImage image => $"picture of {image.Width} × {image.Height}",
            _ => null,
        };

    private static Picture Of(SKBitmap bitmap)
    {
        using var image = SKImage.FromBitmap(bitmap);
        return Png(image);
    }

    private static Picture Png(SKImage image)
    {
        using var data = image.Encode(SKEncodedImageFormat.Png, 100);
        return new Picture(data.ToArray(), $"{image.Width} × {image.Height}");
    }
}
