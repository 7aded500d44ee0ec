namespace Recipes.Data;

/// <summary>Pictures with captions that can be read in any order from any thread.</summary>
public interface ICaptionedSet
{
    /// <summary>The source's name and the split, for example <c>scenes/train</c>.</summary>
    string Name { get; }

    /// <summary>How many pictures.</summary>
    int Count { get; }

    /// <summary>What names a picture outside of this set, unique within it: the key of its shard's members, or its file's name.</summary>
    string Key(int index);

    /// <summary>The picture at its own size, upright; crops that are stored for it are in these pixels.</summary>
    RgbImage Image(int index);

    /// <summary>The captions that came with it, at least one; a caption may be empty.</summary>
    IReadOnlyList<string> Captions(int index);
}
