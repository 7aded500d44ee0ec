using System.Text;

namespace Recipes.Weights;

/// <summary>torch.save's format since PyTorch 1.6: a zip archive with a pickle, <c>data.pkl</c>, and a member for each storage.</summary>
internal static class ZipCheckpoint
{
    private const int NewestVersion = 10;

    /// <summary>The object tree.</summary>
    public static object? Read(MappedFile file)
    {
        var zip = new ZipDirectory(file);
        var folder = Folder(file, zip);
        CheckOrder(file, zip, folder);
        var pickle = zip.Find(folder + "data.pkl")!.Value;
        if (pickle.Length > Unpickler.LongestPickle)
            throw PyTorchError.Bad(file.Path, $"its pickle has {pickle.Length} bytes, more than weights need");
        var reader = new PickleReader(file.Span(pickle.Offset, (int)pickle.Length), file.Path);
        return new Unpickler(file.Path, id => Storage(file, zip, folder, id)).Load(ref reader);
    }

    // The top folder has any name: torch.save takes the file's.
    private static string Folder(MappedFile file, ZipDirectory zip)
    {
        var pickles = zip.Names.Where(n =>
            n == "data.pkl" || (n.EndsWith("/data.pkl", StringComparison.Ordinal) && n.Count(c => c == '/') == 1)
        );
        if (pickles.Take(2).ToList() is not [var pickle])
            throw PyTorchError.Bad(file.Path, $"it is a zip archive {Kind(zip)}");
        var folder = pickle[..^"data.pkl".Length];
        if (zip.Names.Contains(folder + "constants.pkl"))
            throw PyTorchError.Bad(
                file.Path,
                "it is a TorchScript program, which is code; save the tensors alone: torch.save(model.state_dict(), PATH)"
            );
        return folder;
    }

    private static string Kind(ZipDirectory zip)
    {
        if (zip.Names.Any(n => n.EndsWith(".npy", StringComparison.Ordinal)))
            return "of numpy arrays (.npz); save its arrays as safetensors";
        return zip.Names.Any(n => n.EndsWith("data.pkl", StringComparison.Ordinal))
            ? "with several pickles; only what torch.save writes can be read"
            : "without data.pkl; was it packed by hand? Unpack it and give the checkpoint inside";
    }

    private static void CheckOrder(MappedFile file, ZipDirectory zip, string folder)
    {
        var order = Text(file, zip, folder + "byteorder");
        if (order is not (null or "little"))
            throw PyTorchError.Bad(file.Path, $"its numbers are in '{order}' endian order; save it on a little-endian machine");
        var version = Text(file, zip, folder + "version");
        if (version is not null && !(int.TryParse(version, out var number) && number is > 0 and <= NewestVersion))
            throw PyTorchError.Bad(file.Path, $"its format has the version '{version}', expected 1 to {NewestVersion}");
    }

    private static string? Text(MappedFile file, ZipDirectory zip, string name) =>
        zip.Find(name) is { } member ? Encoding.ASCII.GetString(file.Span(member.Offset, (int)Math.Min(16, member.Length))).Trim() : null;

    private static PyTorchStorage Storage(MappedFile file, ZipDirectory zip, string folder, object? id)
    {
        var (type, key, elements) = StorageId.Parse(file.Path, id, out _);
        var bytes = elements * TorchTypes.Size(type);
        if (zip.Find($"{folder}data/{key}") is not { } member)
            throw PyTorchError.Bad(file.Path, $"the storage {key} is missing from the archive");
        if (member.Length < bytes)
            throw PyTorchError.Bad(file.Path, $"the storage {key} has {member.Length} bytes, the pickle gives it {bytes}");
        return new PyTorchStorage(file, key, type, bytes) { Start = member.Offset };
    }
}
