using Recipes.Display;

namespace Recipes.Models;

public sealed partial record Profile : IDisplay
{
    /// <summary>The costs as a table.</summary>
    public string ToHtml() => Costs(("One image", this)).ToHtml();

    /// <summary>The costs as a table of text.</summary>
    public override string ToString() => Costs(("One image", this)).ToString();

    /// <summary>Costs side by side, one column for each profile.</summary>
    internal static Table Costs(params (string Heading, Profile Profile)[] profiles)
    {
        (string Name, Func<Profile, long> Of)[] rows =
        [
            ("parameters", p => p.Parameters),
            ("buffers", p => p.Buffers),
            ("MACs", p => p.Macs),
            ("activations", p => p.Activations),
            ("convolutions", p => p.Convolutions),
            ("normalisations", p => p.Norms),
        ];
        return Table
            .With([Column.Text("Cost"), .. profiles.Select(p => Column.Number(p.Heading))])
            .Rows(
                rows.Where(row => profiles.Any(p => row.Of(p.Profile) != 0))
                    .Select(row => (object?[])[row.Name, .. profiles.Select(p => (object)row.Of(p.Profile))])
            );
    }
}
