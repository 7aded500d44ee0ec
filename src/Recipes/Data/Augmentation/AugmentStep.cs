using System.Text.Json.Serialization;

namespace Recipes.Data;

/// <summary>One step of an <see cref="Augment"/>. Its properties are its JSON, with its kind under <c>step</c>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "step", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FallBackToBaseType)]
[JsonDerivedType(typeof(RandomResizedCropStep), "random-resized-crop")]
[JsonDerivedType(typeof(FlipStep), "flip")]
[JsonDerivedType(typeof(PadCropStep), "pad-crop")]
[JsonDerivedType(typeof(CenterCropStep), "center-crop")]
[JsonDerivedType(typeof(RandAugmentStep), "rand-augment")]
[JsonDerivedType(typeof(EraseStep), "erase")]
public abstract record AugmentStep
{
    /// <summary>Changes the picture. Everything random comes from <paramref name="rng"/>.</summary>
    public abstract void Apply(ImageCanvas canvas, ref Rng rng);

    /// <summary>The size at which the step wants the picture read, for a result of this size.</summary>
    public virtual int ReadSize(int size) => size;

    /// <summary>Values out of range, with what was expected.</summary>
    public virtual IEnumerable<string> Problems() => [];

    /// <summary>One problem when a value is not within its range, else none.</summary>
    protected static IEnumerable<string> Within(string what, double value, double low, double high) =>
        value >= low && value <= high ? [] : [$"{what}: expected {low} to {high}, found {value}"];
}

/// <summary>A random rectangle, resized to the whole. Ten tries, then the middle.</summary>
/// <param name="MinScale">Least part of the area.</param>
/// <param name="MaxScale">Greatest part of the area.</param>
/// <param name="MinRatio">Least width over height.</param>
/// <param name="MaxRatio">Greatest width over height.</param>
/// <param name="Filter">The resize kernel.</param>
public sealed record RandomResizedCropStep(double MinScale, double MaxScale, double MinRatio, double MaxRatio, ResizeFilter Filter)
    : AugmentStep
{
    /// <inheritdoc/>
    public override void Apply(ImageCanvas canvas, ref Rng rng)
    {
        var size = canvas.Size;
        for (var i = 0; i < 10; i++)
        {
            var area = rng.NextDouble(MinScale, MaxScale) * size * size;
            var ratio = Math.Exp(rng.NextDouble(Math.Log(MinRatio), Math.Log(MaxRatio)));
            var width = (int)Math.Round(Math.Sqrt(area * ratio));
            var height = (int)Math.Round(Math.Sqrt(area / ratio));
            if (width < 1 || height < 1 || width > size || height > size)
                continue;
            var (left, top) = (rng.NextInt(size - width + 1), rng.NextInt(size - height + 1));
            canvas.Crop(new PixelBox(left, top, left + width, top + height), Filter);
            return;
        }
        canvas.Crop(new PixelBox(0, 0, size, size), Filter);
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Problems() =>
        [
            .. Within("RandomResizedCrop scale", MinScale, 1e-3, MaxScale),
            .. Within("RandomResizedCrop scale", MaxScale, MinScale, 1),
            .. Within("RandomResizedCrop ratio", MinRatio, 0.1, MaxRatio),
            .. Within("RandomResizedCrop ratio", MaxRatio, MinRatio, 10),
        ];
}

/// <summary>Mirrors left and right.</summary>
/// <param name="Probability">How often.</param>
public sealed record FlipStep(double Probability) : AugmentStep
{
    /// <inheritdoc/>
    public override void Apply(ImageCanvas canvas, ref Rng rng)
    {
        if (!rng.NextBool(Probability))
            return;
        var pixels = canvas.Pixels;
        for (var row = 0; row < canvas.Size; row++)
        {
            var line = pixels.Slice(3 * row * canvas.Size, 3 * canvas.Size);
            for (var (a, b) = (0, line.Length - 3); a < b; a += 3, b -= 3)
                (line[a], line[a + 1], line[a + 2], line[b], line[b + 1], line[b + 2]) = (
                    line[b],
                    line[b + 1],
                    line[b + 2],
                    line[a],
                    line[a + 1],
                    line[a + 2]
                );
        }
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Problems() => Within("Flip probability", Probability, 0, 1);
}

/// <summary>Adds a black border and cuts a random window of the old size: a random move by at most the border.</summary>
/// <param name="Pixels">The border for a picture 32 wide; it grows with the picture.</param>
public sealed record PadCropStep(int Pixels) : AugmentStep
{
    /// <inheritdoc/>
    public override void Apply(ImageCanvas canvas, ref Rng rng)
    {
        var border = Math.Max(1, (int)Math.Round(Pixels * canvas.Size / 32.0));
        var (right, down) = (rng.NextInt(2 * border + 1) - border, rng.NextInt(2 * border + 1) - border);
        ImageGeometry.Shift(canvas.Pixels, canvas.Next(canvas.Size), canvas.Size, canvas.Size, right, down);
        canvas.Swap(canvas.Size);
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Problems() => Within("PadCrop pixels", Pixels, 1, 16);
}

/// <summary>Reads the picture larger and keeps the middle.</summary>
/// <param name="Fraction">The part of the side that is kept.</param>
public sealed record CenterCropStep(double Fraction) : AugmentStep
{
    /// <inheritdoc/>
    public override int ReadSize(int size) => (int)Math.Round(size / Fraction);

    /// <inheritdoc/>
    public override void Apply(ImageCanvas canvas, ref Rng rng)
    {
        var start = (canvas.Size - canvas.Target) / 2;
        canvas.Crop(new PixelBox(start, start, start + canvas.Target, start + canvas.Target));
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Problems() => Within("CenterCrop fraction", Fraction, 0.1, 1);
}

/// <summary>Fills a random rectangle with noise. Ten tries to fit one.</summary>
/// <param name="Probability">How often.</param>
/// <param name="MinArea">Least part of the area.</param>
/// <param name="MaxArea">Greatest part of the area.</param>
public sealed record EraseStep(double Probability, double MinArea, double MaxArea) : AugmentStep
{
    private const double Ratio = 3.3;

    /// <inheritdoc/>
    public override void Apply(ImageCanvas canvas, ref Rng rng)
    {
        if (!rng.NextBool(Probability))
            return;
        var size = canvas.Size;
        var pixels = canvas.Pixels;
        for (var i = 0; i < 10; i++)
        {
            var area = rng.NextDouble(MinArea, MaxArea) * size * size;
            var ratio = Math.Exp(rng.NextDouble(-Math.Log(Ratio), Math.Log(Ratio)));
            var (width, height) = ((int)Math.Round(Math.Sqrt(area * ratio)), (int)Math.Round(Math.Sqrt(area / ratio)));
            if (width < 1 || height < 1 || width >= size || height >= size)
                continue;
            var (left, top) = (rng.NextInt(size - width + 1), rng.NextInt(size - height + 1));
            for (var row = top; row < top + height; row++)
            {
                foreach (ref var value in pixels.Slice(3 * (row * size + left), 3 * width))
                    value = (byte)rng.NextUInt64();
            }
            return;
        }
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Problems() =>
        [
            .. Within("Erase probability", Probability, 0, 1),
            .. Within("Erase area", MinArea, 0, MaxArea),
            .. Within("Erase area", MaxArea, MinArea, 1),
        ];
}
