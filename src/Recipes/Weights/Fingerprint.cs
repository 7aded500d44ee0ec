using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace Recipes.Weights;

/// <summary>What a checkpoint belongs to, so that it is not continued by another model or recipe.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Keys">Sixteen hex digits over the names, dtypes and shapes of its state, in order.</param>
/// <param name="Recipe">The recipe's own hash or name; empty where no recipe is involved.</param>
public sealed record Fingerprint(string Model, string Keys, string Recipe = "")
{
    /// <summary>The fingerprint of a module as it is now.</summary>
    public static Fingerprint Of(string model, nn.Module module, string recipe = "")
    {
        var text = new StringBuilder();
        foreach (var (name, tensor) in StateDict.Of(module))
            text.Append(name).Append(' ').Append(tensor.dtype.ToDtype()).Append(" [").AppendJoin(',', tensor.shape).Append("]\n");
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
        return new Fingerprint(model, Convert.ToHexStringLower(hash.AsSpan(0, 8)), recipe);
    }

    /// <summary>One line for each part in which a file's fingerprint differs from the wanted one.</summary>
    internal IReadOnlyList<string> Differences(Fingerprint wanted) =>
        [
            .. new[]
            {
                (Part: "model", File: Model, Wanted: wanted.Model),
                (Part: "keys", File: Keys, Wanted: wanted.Keys),
                (Part: "recipe", File: Recipe, Wanted: wanted.Recipe),
            }
                .Where(p => p.File != p.Wanted)
                .Select(p => $"{p.Part, -6}  file {Shown(p.File)}   wanted {Shown(p.Wanted)}"),
        ];

    private static string Shown(string part) => part.Length == 0 ? "(none)" : part;
}
