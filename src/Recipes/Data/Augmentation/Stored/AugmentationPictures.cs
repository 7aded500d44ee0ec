using System.Globalization;
using Recipes.Display;

namespace Recipes.Data;

/// <summary>Stored augmentations of a picture, to look at.</summary>
public static class AugmentationPictures
{
    /// <summary>The stored picture, then each augmentation of it with its crop and operations.</summary>
    /// <param name="image">The stored picture.</param>
    /// <param name="augmentations">What is stored for it.</param>
    /// <param name="size">Side of the augmented pictures in pixels.</param>
    /// <param name="name">What the picture is, for example its caption.</param>
    /// <exception cref="RecipesException">An augmentation does not fit the picture.</exception>
    public static PictureGrid Show(
        RgbImage image,
        IReadOnlyList<StoredAugmentation> augmentations,
        int size = 224,
        string name = "a picture"
    )
    {
        var stored = new Picture(image.ResizeLongest(size).ToPng(), "stored", $"{image.Width} x {image.Height}", alt: name);
        var replayed = augmentations.Select(
            (a, i) =>
                new Picture(
                    a.Replay(image, size, name).ToPng(),
                    Words(a),
                    $"{a.Width} x {a.Height} at ({a.Left}, {a.Top})",
                    alt: $"augmentation {i} of {name}"
                )
        );
        return new PictureGrid($"{name}: the stored picture and {augmentations.Count} augmentations of it", [stored, .. replayed]);
    }

    private static string Words(StoredAugmentation augmentation)
    {
        var shown = (augmentation.Operations ?? []).Where(o => o.Op != ImageOp.Identity).Select(Words).ToList();
        return shown.Count == 0 ? "crop alone" : string.Join(", ", shown);
    }

    private static string Words(StoredOperation operation) =>
        operation.Op is ImageOp.AutoContrast or ImageOp.Equalize
            ? $"{operation.Op}"
            : string.Create(CultureInfo.InvariantCulture, $"{operation.Op} {operation.Magnitude:0.##}");
}
