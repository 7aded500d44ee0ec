using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Data;

/// <summary>
/// A large image as an overview and tiles, each of the encoder's resolution (LLaVA-NeXT's "any resolution"; FastVLM, sec. 4.2 and
/// tab. 11: 2x2 tiles of 1024 pixels).
/// </summary>
/// <remarks>
/// The grid is the one that keeps most of the image's pixels, among equals the one that wastes fewest. The image, in proportion, is put
/// in the middle of the grid on black and cut row by row; the overview is the whole image squashed to one tile, and comes first.
/// </remarks>
public sealed record AnyRes
{
    /// <summary>Pixels a side of a tile, R.</summary>
    public required int Resolution { get; init; }

    /// <summary>The grids to choose from; among equally good ones the first is taken.</summary>
    /// <value>Default LLaVA-NeXT's: 1x2, 2x1, 2x2, 3x1, 1x3.</value>
    public ImmutableArray<TileGrid> Grids { get; init; } = [new(1, 2), new(2, 1), new(2, 2), new(3, 1), new(1, 3)];

    /// <summary>The kernel of the resizes.</summary>
    /// <value>Default bicubic.</value>
    public ResizeFilter Filter { get; init; } = ResizeFilter.Bicubic;

    /// <summary>The scale of the values.</summary>
    /// <value>Default 0 to 1.</value>
    public Normalization Normalization { get; init; } = Normalization.None;

    /// <summary>FastVLM's tiles of 1024 pixels (or fewer), without normalisation.</summary>
    public static AnyRes FastVlm(int resolution = 1024) => new() { Resolution = resolution };

    /// <summary>The grid for an image of these sides.</summary>
    /// <exception cref="RecipesException">There is nothing to choose from, or no image.</exception>
    public TileGrid Choose(int width, int height)
    {
        if (Grids.IsDefaultOrEmpty || Grids.Any(g => g.Columns < 1 || g.Rows < 1) || Resolution < 1 || width < 1 || height < 1)
            throw new RecipesException(
                $"tiles of {Resolution} pixels in grids {string.Join(", ", Grids.IsDefault ? [] : Grids)} for an image of {width} x {height}: expected sides and grids of at least 1."
            );
        return Grids.OrderByDescending(g => Kept(g, width, height)).ThenBy(g => Area(g) - Kept(g, width, height)).First();
    }

    /// <summary>The bytes of the overview and of the tiles, row by row of the grid.</summary>
    public IReadOnlyList<RgbImage> Cut(RgbImage image)
    {
        var grid = Choose(image.Width, image.Height);
        var whole = Fit(image, grid);
        return
        [
            image.Resize(Resolution, Resolution, Filter),
            .. Enumerable
                .Range(0, grid.Tiles)
                .Select(i => whole.Crop(i % grid.Columns * Resolution, i / grid.Columns * Resolution, Resolution)),
        ];
    }

    /// <summary>The overview and the tiles as the encoder takes them.</summary>
    /// <returns><c>[1 + tiles, 3, R, R]</c>, float32, on the CPU.</returns>
    public Tensor Apply(RgbImage image)
    {
        using var scope = NewDisposeScope();
        var rules = new ImagePreprocessing
        {
            Resolution = Resolution,
            Fit = ImageFit.Squash,
            Normalization = Normalization,
        };
        return stack(Cut(image).Select(t => rules.Apply(t.Rgb, t.Width, t.Height))).MoveToOuterDisposeScope();
    }

    /// <summary>A file as the encoder takes it.</summary>
    /// <inheritdoc cref="Apply"/>
    /// <exception cref="RecipesException">The file is missing, cut off, too large or no picture.</exception>
    public Tensor Read(string path) => Apply(RgbImage.Read(path));

    private long Area(TileGrid grid) => (long)grid.Tiles * Resolution * Resolution;

    // Pixels of the image that are left in the grid; never more than it has.
    private long Kept(TileGrid grid, int width, int height)
    {
        var scale = Math.Min((double)grid.Columns * Resolution / width, (double)grid.Rows * Resolution / height);
        return Math.Min((long)(width * scale) * (long)(height * scale), (long)width * height);
    }

    // In proportion, in the middle of the grid, on black; the longer way fills it.
    private RgbImage Fit(RgbImage image, TileGrid grid)
    {
        var (columns, rows) = (grid.Columns * Resolution, grid.Rows * Resolution);
        var (across, down) = ((double)columns / image.Width, (double)rows / image.Height);
        var (width, height) =
            across < down
                ? (columns, Math.Min((int)Math.Ceiling(image.Height * across), rows))
                : (Math.Min((int)Math.Ceiling(image.Width * down), columns), rows);
        var resized = image.Resize(width, height, Filter);
        var (left, top) = ((columns - width) / 2, (rows - height) / 2);
        var bytes = new byte[3 * columns * rows];
        for (var y = 0; y < height; y++)
            resized.Rgb.AsSpan(3 * y * width, 3 * width).CopyTo(bytes.AsSpan(3 * ((top + y) * columns + left)));
        return new RgbImage(bytes, columns, rows);
    }
}
