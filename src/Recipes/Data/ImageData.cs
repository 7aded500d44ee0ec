namespace Recipes.Data;

/// <summary>A source of images and how they come to training: size, augmentation, batch. A value; nothing is read.</summary>
/// <param name="Source">Where the images come from.</param>
public sealed record ImageData(ImageSource Source)
{
    /// <summary>Side of the images in pixels.</summary>
    public int Size { get; init; } = 32;

    /// <summary>Images of a batch.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>What happens to training images.</summary>
    public Augment Augment { get; init; } = Augment.None;

    /// <summary>Everything that is out of range.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (Size < 8)
            problems.Add($"data.size: expected at least 8 pixels, found {Size}");
        if (BatchSize < 1)
            problems.Add($"data.batchSize: expected at least 1, found {BatchSize}");
        return problems;
    }
}

/// <summary>The fluent form of <see cref="ImageData"/>: <c>Datasets.Cifar10().Sized(32).Augmented(…).Batched(128)</c>.</summary>
public static class ImageDataExtensions
{
    /// <summary>Images of this side in pixels.</summary>
    public static ImageData Sized(this ImageSource source, int pixels) => new(source) { Size = pixels };

    /// <summary>Training images augmented in this way.</summary>
    public static ImageData Augmented(this ImageSource source, Augment augment) => new(source) { Augment = augment };

    /// <summary>Batches of this many images.</summary>
    public static ImageData Batched(this ImageSource source, int images) => new(source) { BatchSize = images };

    /// <summary>Images of this side in pixels.</summary>
    public static ImageData Sized(this ImageData data, int pixels) => data with { Size = pixels };

    /// <summary>Training images augmented in this way.</summary>
    public static ImageData Augmented(this ImageData data, Augment augment) => data with { Augment = augment };

    /// <summary>Batches of this many images.</summary>
    public static ImageData Batched(this ImageData data, int images) => data with { BatchSize = images };
}
