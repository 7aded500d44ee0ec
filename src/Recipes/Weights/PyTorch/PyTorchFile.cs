namespace Recipes.Weights;

/// <summary>
/// A checkpoint of PyTorch, as torch.save writes it now (a zip archive) and wrote it before 1.6: the objects in it, read as data
/// and mapped. No code in it ever runs: it consists of tensors, containers and numbers, or it is refused.
/// </summary>
/// <remarks>Checksums of the archive are not looked at, as PyTorch does not: it may write others than the format asks for.</remarks>
public sealed class PyTorchFile : IDisposable
{
    private readonly MappedFile _file;

    private PyTorchFile(MappedFile file, string format, object? root) => (_file, Format, Root) = (file, format, root);

    /// <summary>The file's path as it was given.</summary>
    public string Path => _file.Path;

    /// <summary><c>PyTorch</c>, or <c>PyTorch (legacy)</c> for the format before 1.6.</summary>
    public string Format { get; }

    /// <summary>What was saved: null, <see cref="bool"/>, <see cref="long"/>, <see cref="double"/>, <see cref="string"/>, bytes, lists
    /// (tuples and sets too), <see cref="PickledDict"/>, <see cref="PyTorchTensor"/>, and <see cref="PickledName"/> for the rest.</summary>
    /// <remarks>A list may hold itself, as in Python: whoever walks the tree bounds the depth.</remarks>
    public object? Root { get; }

    /// <summary>Opens a checkpoint and reads its objects; the tensors' values stay where they are.</summary>
    /// <exception cref="RecipesException">The file is no such checkpoint, is damaged, or asks for code to be run.</exception>
    public static PyTorchFile Open(string path) => Read(MappedFile.Open(path));

    /// <summary>Reads a checkpoint that is in memory.</summary>
    /// <param name="content">The whole file; not copied, and not to be changed while this is open.</param>
    /// <param name="name">How errors name it.</param>
    /// <exception cref="RecipesException">As for <see cref="Open"/>.</exception>
    public static PyTorchFile Read(byte[] content, string name) => Read(MappedFile.Over(content, name));

    private static PyTorchFile Read(MappedFile file)
    {
        try
        {
            var start = file.Span(0, (int)Math.Min(file.Length, 32));
            if (IsZip(start))
                return new PyTorchFile(file, "PyTorch", ZipCheckpoint.Read(file));
            if (LegacyCheckpoint.Begins(start))
                return new PyTorchFile(file, "PyTorch (legacy)", LegacyCheckpoint.Read(file));
            throw PyTorchError.Bad(file.Path, $"it is {WeightsFormats.Describe(file)}");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A file that begins like this is a zip archive.</summary>
    internal static bool IsZip(ReadOnlySpan<byte> start) => start.StartsWith("PK\x03\x04"u8) || start.StartsWith("PK\x05\x06"u8);

    /// <summary>The tensors under their names: nested dictionaries are joined with dots, and the part that holds the weights is
    /// taken (<c>state_dict</c>, <c>model</c> and the like), as <see cref="WeightsFile.Notes"/> says. It owns this file from then on.</summary>
    /// <param name="part">The part to take, such as <c>state_dict_ema</c>, or <c>.</c> for all; null where there is no doubt.</param>
    /// <exception cref="RecipesException">Several parts hold tensors, and none was chosen; or names collide.</exception>
    public WeightsFile StateDict(string? part = null)
    {
        var found = new StateResolver(Path).Resolve(Root, part);
        long total = 0;
        foreach (var (_, tensor) in found.Tensors)
        {
            total += tensor.Length;
            // Views that repeat elements could make a small file fill any disk.
            if (total > (16 * _file.Length) + (1 << 26))
                throw PyTorchError.Bad(
                    Path,
                    $"its tensors have more than {total} bytes in {_file.Length} of the file: views that repeat elements"
                );
        }
        return new PyTorchState(this, found);
    }

    /// <summary>Unmaps the file.</summary>
    public void Dispose() => _file.Dispose();
}
