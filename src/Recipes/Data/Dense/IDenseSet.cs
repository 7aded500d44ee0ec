namespace Recipes.Data;

/// <summary>A box with a class, in pixels of its picture.</summary>
/// <param name="Label">The class, from 0.</param>
/// <param name="Box">Where.</param>
public sealed record LabelledBox(int Label, PixelBox Box);

/// <summary>A picture and what is known at each of its pixels; what a set does not know is null.</summary>
/// <param name="Image">The picture.</param>
/// <param name="Labels">A class for each pixel, <c>[H, W]</c>; <see cref="Ignore"/> where there is none.</param>
/// <param name="Depth">Metres for each pixel, <c>[H, W]</c>; 0 where nothing was measured.</param>
/// <param name="Boxes">What stands where.</param>
public sealed record DenseSample(RgbImage Image, byte[]? Labels = null, float[]? Depth = null, IReadOnlyList<LabelledBox>? Boxes = null)
{
    /// <summary>The label of a pixel that counts for nothing.</summary>
    public const byte Ignore = 255;
}

/// <summary>Pictures with maps or boxes that can be read in any order from any thread.</summary>
public interface IDenseSet
{
    /// <summary>The source's name and the split, for example <c>camvid/train</c>.</summary>
    string Name { get; }

    /// <summary>How many pictures.</summary>
    int Count { get; }

    /// <summary>What is known of each picture.</summary>
    IReadOnlyList<DenseTask> Tasks { get; }

    /// <summary>The names of the labels of pixels, from 0; empty where there are none.</summary>
    IReadOnlyList<string> Classes { get; }

    /// <summary>The names of the labels of boxes, from 0; empty where there are none.</summary>
    IReadOnlyList<string> BoxClasses { get; }

    /// <summary>A picture and its maps, all of one size.</summary>
    /// <param name="index">0 to Count - 1.</param>
    /// <param name="side">Pixels that the shorter side should have; sets of files give the size that they have.</param>
    /// <exception cref="RecipesException">A file is missing or broken, or does not fit its picture.</exception>
    DenseSample Read(int index, int side);
}
