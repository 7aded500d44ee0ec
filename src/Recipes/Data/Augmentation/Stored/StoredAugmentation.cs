using System.Text;
using System.Text.Json;

namespace Recipes.Data;

/// <summary>One operation of RandAugment as it was drawn.</summary>
/// <param name="Op">The operation, one of the paper's fourteen.</param>
/// <param name="Magnitude">Its magnitude with its sign, in the operation's own unit: a float32 in real files.</param>
public readonly record struct StoredOperation(ImageOp Op, double Magnitude);

/// <summary>
/// An augmentation that was drawn once and is replayed ever after, so that what a teacher said of the picture stays true
/// (dataset reinforcement, MobileCLIP sec. 3): a crop in the stored picture's pixels, resized, then operations. A value.
/// </summary>
/// <param name="Top">First row of the crop, in the stored picture's pixels.</param>
/// <param name="Left">First column.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Operations">The operations, first to last; null where RandAugment was skipped when it was stored.</param>
public sealed record StoredAugmentation(int Top, int Left, int Height, int Width, IReadOnlyList<StoredOperation>? Operations)
{
    /// <summary>The operations that data sets store: the paper's list.</summary>
    internal const int KnownOperations = (int)ImageOp.Equalize + 1;

    /// <summary>The most operations of one augmentation.</summary>
    private const int MostOperations = 64;

    [ThreadStatic]
    private static ImageCanvas? s_canvas;

    /// <summary>The crop.</summary>
    public PixelBox Crop => new(Left, Top, unchecked(Left + Width), unchecked(Top + Height));

    /// <summary>Draws an augmentation of a picture as a policy says.</summary>
    /// <param name="policy">What may be drawn.</param>
    /// <param name="width">Columns of the stored picture.</param>
    /// <param name="height">Rows.</param>
    /// <param name="size">Side of the result; translations depend on it.</param>
    /// <param name="rng">Everything random.</param>
    /// <exception cref="RecipesException">The policy is out of range.</exception>
    public static StoredAugmentation Draw(StoredAugmentationPolicy policy, int width, int height, int size, ref Rng rng)
    {
        RecipesException.ThrowIfAny("The augmentation policy is out of range:", policy.Problems());
        var crop = policy.DrawCrop(width, height, ref rng);
        return new StoredAugmentation(crop.Top, crop.Left, crop.Height, crop.Width, policy.DrawOperations(size, ref rng));
    }

    /// <summary>What of this does not fit a picture: a crop that reaches outside, unknown operations, magnitudes that are no numbers.</summary>
    /// <param name="width">Columns of the stored picture; 0 where it is not known.</param>
    /// <param name="height">Rows.</param>
    public IEnumerable<string> Problems(int width = 0, int height = 0)
    {
        if (Top < 0 || Left < 0 || Height < 1 || Width < 1)
            yield return $"the crop [{Top}, {Left}, {Height}, {Width}] (top, left, height, width) is empty or begins outside the picture";
        else if (width > 0 && (Left > width - Width || Top > height - Height))
            yield return $"the crop [{Top}, {Left}, {Height}, {Width}] (top, left, height, width) is not within {width} x {height} pixels; "
                + "is it another picture, or one that was resized?";
        foreach (var (op, magnitude) in Operations ?? [])
        {
            if ((uint)op >= KnownOperations)
                yield return $"the operation {(int)op} is unknown; expected 0 to {KnownOperations - 1}";
            if (!double.IsFinite(magnitude) || Math.Abs(magnitude) > 1e6)
                yield return $"the magnitude {magnitude} of {op} is out of range";
        }
    }

    /// <summary>
    /// The augmented picture, byte for byte as the Python Imaging Library makes it: crop, bicubic resize, operations with nearest neighbours
    /// and black fill. Allocates nothing once the canvas is as large as it needs to be.
    /// </summary>
    /// <param name="rgb">The stored picture, <c>[height, width, 3]</c>.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="size">Side of the result in pixels.</param>
    /// <param name="canvas">Receives the result, <c>[size, size, 3]</c>.</param>
    /// <param name="sample">How errors name the picture.</param>
    /// <exception cref="RecipesException">This does not fit the picture.</exception>
    public void Replay(ReadOnlySpan<byte> rgb, int width, int height, int size, ImageCanvas canvas, string sample = "a picture")
    {
        Check(width, height, sample);
        canvas.Start(size, size);
        Resampler.Shared.Resize(rgb, width, Crop, canvas.Pixels, size, size, ResizeFilter.Bicubic);
        Operate(canvas);
    }

    /// <summary>The same for a picture file in memory, of which no more is decoded than the crop needs.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="size">Side of the result in pixels.</param>
    /// <param name="canvas">Receives the result, <c>[size, size, 3]</c>.</param>
    /// <param name="sample">How errors name the picture.</param>
    /// <exception cref="RecipesException">It is no picture, or this does not fit it.</exception>
    public void Replay(ReadOnlySpan<byte> file, int size, ImageCanvas canvas, string sample = "a picture")
    {
        var region = ImageDecoder.DecodeRegion(file, Crop, sample);
        Check(region.Width, region.Height, sample);
        canvas.Start(size, size);
        Resampler.Shared.Resize(region.Rgb, region.Stride, region.Crop, canvas.Pixels, size, size, ResizeFilter.Bicubic);
        Operate(canvas);
    }

    /// <summary>The same into a span.</summary>
    /// <param name="image">The stored picture.</param>
    /// <param name="size">Side of the result in pixels.</param>
    /// <param name="target">Receives <c>[size, size, 3]</c>.</param>
    /// <param name="sample">How errors name the picture.</param>
    /// <exception cref="RecipesException">This does not fit the picture, or the span has another length.</exception>
    public void Replay(RgbImage image, int size, Span<byte> target, string sample = "a picture")
    {
        ImageBytes.Require(target.Length, size);
        var canvas = s_canvas ??= new ImageCanvas();
        Replay(image.Rgb, image.Width, image.Height, size, canvas, sample);
        canvas.Pixels.CopyTo(target);
    }

    /// <summary>The augmented picture as a value.</summary>
    /// <exception cref="RecipesException">This does not fit the picture.</exception>
    public RgbImage Replay(RgbImage image, int size, string sample = "a picture")
    {
        var target = new byte[3 * size * size];
        Replay(image, size, target, sample);
        return new RgbImage(target, size, size);
    }

    /// <summary>Reads what paug.json holds for one augmentation: <c>[[top, left, height, width], [[operation, magnitude], …] or null]</c>.</summary>
    /// <param name="json">That value.</param>
    /// <param name="sample">How errors name the place.</param>
    /// <exception cref="RecipesException">It has another form, or a value out of range.</exception>
    public static StoredAugmentation Parse(JsonElement json, string sample = "an augmentation")
    {
        var read = StoredAugmentationJson.Read(json);
        if (read is null)
            throw new RecipesException(
                $"{sample}: expected [[top, left, height, width], [[operation, magnitude], ...] or null], found {StoredAugmentationJson.Short(json)}."
            );
        RecipesException.ThrowIfAny($"{sample} cannot be replayed:", [.. read.Problems()]);
        return read;
    }

    /// <summary>As paug.json holds it, byte for byte as Python writes it.</summary>
    public string ToJson()
    {
        var json = new StringBuilder();
        StoredAugmentationJson.Write(json, this);
        return json.ToString();
    }

    /// <summary>Equal when the crop and all operations are.</summary>
    public bool Equals(StoredAugmentation? other) =>
        other is not null
        && (Top, Left, Height, Width) == (other.Top, other.Left, other.Height, other.Width)
        && (Operations is null) == (other.Operations is null)
        && (Operations ?? []).SequenceEqual(other.Operations ?? []);

    /// <inheritdoc/>
    public override int GetHashCode() => (Operations ?? []).Aggregate(HashCode.Combine(Top, Left, Height, Width), HashCode.Combine);

    /// <summary>The JSON.</summary>
    public override string ToString() => ToJson();

    internal static bool FewEnough(int operations) => operations <= MostOperations;

    internal void Check(int width, int height, string sample)
    {
        if (Fits(width, height))
            return;
        RecipesException.ThrowIfAny($"{sample}: the stored augmentation cannot be replayed:", [.. Problems(width, height)]);
    }

    internal void Operate(ImageCanvas canvas)
    {
        var size = canvas.Size;
        for (var i = 0; i < (Operations?.Count ?? 0); i++)
        {
            var (op, magnitude) = Operations![i];
            if (op == ImageOp.Identity)
                continue;
            ImageOps.Apply(op, magnitude, canvas.Pixels, canvas.Next(size), size, size);
            canvas.Swap(size);
        }
    }

    // Problems() without allocating.
    private bool Fits(int width, int height)
    {
        var fits = Top >= 0 && Left >= 0 && Height >= 1 && Width >= 1 && Left <= width - Width && Top <= height - Height;
        for (var i = 0; fits && i < (Operations?.Count ?? 0); i++)
        {
            var (op, magnitude) = Operations![i];
            fits = (uint)op < KnownOperations && Math.Abs(magnitude) <= 1e6; // false for what is no number
        }
        return fits;
    }
}
